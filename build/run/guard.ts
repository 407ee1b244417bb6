import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("guard.sh", import.meta.url));
const watchIntervalMs = 200;

/** What root does for an unprivileged agent, and undoes when it is stopped or this process ends. */
export class Guard {
  /** Audit rules that it added. */
  readonly rules: number;
  readonly #child: ChildProcess;
  #watch: NodeJS.Timeout | undefined;

  private constructor(child: ChildProcess, rules: number) {
    this.#child = child;
    this.rules = rules;
  }

  /** Lets a user read the log that an auditd of this host writes, through its rotations. */
  static async live(logFile: string, uid: number): Promise<Guard> {
    const guard = await Guard.#start(["live", String(uid), logFile]);
    guard.#watch = setInterval(() => guard.#grantAgain(logFile), watchIntervalMs);
    return guard;
  }

  /** Runs an auditd upon `folder/conf`. */
  static async private(folder: string): Promise<Guard> {
    return await Guard.#start(["private", folder]);
  }

  static async #start(args: readonly string[]): Promise<Guard> {
    // A session of its own, so that an interrupt at the terminal reaches us and not the guard.
    const child = spawn("/bin/sh", [script, ...args], {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const rules = /^ready (?<rules>\d+)$/.exec(line)?.groups?.rules;
      if (rules !== undefined) return new Guard(child, Number(rules));
      process.stderr.write("Another program of this repository uses the kernel's audit; waiting\n");
    }
    throw new Error("Cannot get at the audit log: see above");
  }

  /** Undoes all of it. */
  async stop(): Promise<void> {
    clearInterval(this.#watch);
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.stdin?.end();
    await ended;
  }

  /** The group's bits are the mask of the access control list; auditd clears them if its log_group is root. */
  #grantAgain(logFile: string): void {
    const isGranted = modeOf(dirname(logFile)) % 0o100 >= 0o050 && modeOf(logFile) % 0o100 >= 0o040;
    if (!isGranted) this.#child.stdin?.write("grant\n");
  }
}

/** The mode of a file; none while auditd is about to make it. */
function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}
