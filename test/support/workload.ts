import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a workload does: commands and package tools, su and logins, files, sockets. */
export type WorkloadKind = "commands" | "packages" | "accounts" | "files" | "sockets";

/** A workload that runs until it is stopped, or until this process ends. */
export interface Workload {
  stop(): Promise<void>;
}

const programs: Readonly<Record<WorkloadKind, readonly [string, string]>> = {
  commands: ["/bin/sh", "commands.sh"],
  packages: ["/bin/sh", "packages.sh"],
  accounts: ["/bin/sh", "accounts.sh"],
  files: ["/usr/bin/python3", "files.py"],
  sockets: ["/usr/bin/python3", "sockets.py"],
};

/** Starts one process, with what it starts in turn, for each of `kinds`; they work below `folder`. */
export function startWorkload(folder: string, kinds: readonly WorkloadKind[]): Workload {
  const children = kinds.map((kind, index) => {
    const [program, script] = programs[kind];
    const work = join(folder, `${kind}-${index}`);
    mkdirSync(work, { recursive: true });
    const file = fileURLToPath(new URL(`workload/${script}`, import.meta.url));
    return spawn(program, [file, String(process.pid), work], {
      // A process group of its own, so that all of it can be ended.
      detached: true,
      stdio: ["ignore", "ignore", "inherit"],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LANG: "C.UTF-8" },
    });
  });
  return { stop: async () => void (await Promise.all(children.map(end))) };
}

/**
 * The audit rules that see the workload below `folder`: executions, changes of watched files,
 * connects, a few more of a usual set.
 */
export function workloadRules(folder: string): readonly string[] {
  const calls = [
    "-S execve,execveat -C uid!=euid -F euid=0 -k lg_priv_exec",
    "-S execve,execveat -k lg_exec",
    "-S connect -F saddr_fam=2 -k lg_net",
    "-S connect -F saddr_fam=10 -k lg_net",
    "-S connect -F saddr_fam=1 -k lg_unix",
    "-S init_module,finit_module,delete_module -k lg_module",
    "-S ptrace -k lg_inject",
    "-S fchmodat -F a2&06000 -k lg_suid",
    "-S setuid,setreuid,setresuid -F auid!=-1 -k lg_setuid",
    `-F dir=${folder} -F perm=wa -k lg_files`,
    "-F path=/etc/passwd -F perm=wa -k lg_identity",
    "-F path=/etc/shadow -F perm=r -k lg_identity",
    "-F dir=/etc/audit -F perm=wa -k lg_audit",
  ];
  return calls.map((call) => `-a always,exit -F arch=b64 ${call}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  process.kill(-child.pid, "SIGKILL");
  await closed;
}
