import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, realpathSync } from "node:fs";

/** Where `make run` takes audit records from, and why. */
export type Source =
  | { readonly kind: "readable"; readonly logFile: string; readonly why: string }
  | { readonly kind: "live"; readonly logFile: string; readonly why: string }
  | { readonly kind: "private"; readonly why: string }
  | { readonly kind: "recorded"; readonly why: string };

const configFile = "/etc/audit/auditd.conf";
const usualLogFile = "/var/log/audit/audit.log";

/** Looks at this machine: its audit log if it can be had, or else a recorded one. */
export function chooseSource(isRoot: boolean): Source {
  return isRoot ? chooseAsRoot() : chooseUnprivileged();
}

function chooseUnprivileged(): Source {
  try {
    accessSync(usualLogFile, constants.R_OK);
    return { kind: "readable", logFile: usualLogFile, why: "this user may read it" };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const what = isMissing ? "there is no" : "this user may not read";
    return { kind: "recorded", why: `${what} ${usualLogFile}; root gets a live one` };
  }
}

function chooseAsRoot(): Source {
  if (!existsSync("/usr/sbin/auditctl")) {
    return { kind: "recorded", why: "auditd is not installed" };
  }
  const pid = auditdPid();
  if (pid === undefined) return { kind: "recorded", why: "this kernel lets no one here audit" };
  if (pid === 0) return { kind: "private", why: "no auditd runs here" };
  return { kind: "live", logFile: configuredLogFile(), why: `auditd runs, as process ${pid}` };
}

/** The process that the kernel sends audit records to: 0 for none, `undefined` if there is no audit. */
function auditdPid(): number | undefined {
  try {
    const status = execFileSync("/usr/sbin/auditctl", ["-s"], { encoding: "utf8", stdio: "pipe" });
    const pid = Number(/^pid (?<pid>\d+)$/m.exec(status)?.groups?.pid);
    return isAlive(pid) ? pid : 0;
  } catch (error) {
    if (error instanceof Error && "status" in error) return;
    throw error;
  }
}

/** The kernel forgets an auditd that was killed only when it next sends to it. */
function isAlive(pid: number): boolean {
  try {
    return realpathSync(`/proc/${pid}/exe`) !== "";
  } catch {
    return false;
  }
}

/** Source: auditd.conf(5), `log_file`. */
function configuredLogFile(): string {
  const config = readFileSync(configFile, "utf8");
  return /^\s*log_file\s*=\s*(?<path>\S+)/m.exec(config)?.groups?.path ?? usualLogFile;
}
