import { randomBytes } from "node:crypto";
import type { Severity } from "#model/severity.ts";

/** One event of a severity, as its lines of the log; what is in it hardly compresses. */
export function eventOf(severity: Severity, serial: number): string {
  const stamp = `msg=audit(1700000000.000:${serial}):`;
  const pid = 1_000 + (serial % 30_000);
  if (severity === "high" && serial % 2 === 0) {
    return `type=USER_LOGIN ${stamp} pid=${pid} uid=0 auid=1000 ses=3 msg='op=login acct="${noise(8)}" exe="/usr/sbin/sshd" hostname=? addr=? terminal=ssh res=failed'\n`;
  }
  const [syscall, key] = calls[severity];
  return (
    `type=SYSCALL ${stamp} arch=c000003e syscall=${syscall} success=yes exit=0 a0=${noise(6)} a1=${noise(6)} a2=0 a3=0 items=0 ppid=1 pid=${pid} auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=3 comm="sh" exe="/usr/bin/dash" key="${key}"\n` +
    `type=PROCTITLE ${stamp} proctitle="${noise(12)}"\n`
  );
}

const calls: Readonly<Record<Severity, readonly [syscall: number, key: string]>> = {
  low: [57, "lg_fork"],
  ordinary: [59, "lg_exec"],
  high: [313, "lg_module"],
};

function noise(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
