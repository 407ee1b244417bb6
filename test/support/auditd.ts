import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, open, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The kernel has one audit, so whoever uses it holds this lock. */
export const auditLock = "/run/lock/linuxguard-audit.lock";

/** How the private auditd is set; what is not given is as in {@link startAuditd}. */
export interface AuditdOptions {
  readonly logFormat?: "ENRICHED" | "RAW";
  /** The group that may read the log; it must exist. Without it, root's. */
  readonly logGroup?: string;
  readonly numLogs?: number;
  readonly maxLogFileMb?: number;
  /** What auditd does with a log that reached its size. */
  readonly maxLogFileAction?: "ROTATE" | "KEEP_LOGS" | "IGNORE";
  readonly flush?: "NONE" | "INCREMENTAL" | "INCREMENTAL_ASYNC" | "DATA" | "SYNC";
  /** The value of `node=` before each record; without it, none. */
  readonly nodeName?: string;
  /** Events the kernel holds for auditd before it makes their processes wait. */
  readonly backlogLimit?: number;
  /** Where the temporary folder is made; it must be root's. */
  readonly parentFolder?: string;
}

/** A real auditd of our own. Its folder goes, and the kernel's audit is off, after {@link stop}. */
export interface Auditd extends AsyncDisposable {
  /** Our folder: free for use by the test, removed by {@link stop}. */
  readonly folder: string;
  /** Where auditd.conf lies. */
  readonly configFile: string;
  /** The folder that only audit.log and its rotated files are in. */
  readonly logFolder: string;
  readonly logFile: string;
  /** Its process id now; {@link restart} changes it. */
  pid(): number;
  /** Adds audit rules, each as a line of rules.d: `-a always,exit -F arch=b64 -S execve -k x`. */
  rules(lines: readonly string[]): Promise<void>;
  /** Removes every audit rule. */
  deleteRules(): Promise<void>;
  /** Runs auditctl; returns what it printed. */
  auditctl(...args: readonly string[]): Promise<string>;
  /** The numbers of `auditctl -s`: lost, backlog, enabled, pid … */
  status(): Promise<Readonly<Record<string, number>>>;
  /** Waits until all that happened before is in the log, by a USER record with a mark that it returns. */
  settle(): Promise<string>;
  /** Has auditd rotate the log now, and waits until it has. */
  rotate(): Promise<void>;
  /** Has auditd read its config again (SIGHUP), after `change` got its text. */
  reconfigure(change: (text: string) => string): Promise<void>;
  /** Ends auditd and starts it again: DAEMON_END, DAEMON_START. Rules stay. */
  restart(): Promise<void>;
  /** Ends it, removes rules and folder, frees the lock. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a private auditd once the audit lock is ours, however long that takes: ENRICHED, 5 logs of
 * 8 MB, no plugins, no node, a backlog of 8,192 and no audit rules. Whatever becomes of this process,
 * a guard undoes it all.
 *
 * ```ts
 * await using auditd = await startAuditd({ numLogs: 3 });
 * await auditd.rules(["-a always,exit -F arch=b64 -S execve -k lg_exec"]);
 * ```
 */
export async function startAuditd(options: AuditdOptions = {}): Promise<Auditd> {
  requireAuditd();
  const folder = await mkdtemp(join(options.parentFolder ?? tmpdir(), "linuxguard-auditd-"));
  const logFolder = join(folder, "log");
  const configFile = join(folder, "conf", "auditd.conf");
  await chmod(folder, 0o755);
  for (const name of ["log", "conf", "plugins"]) await mkdir(join(folder, name), { mode: 0o750 });
  await writeFile(configFile, renderConfig(folder, options), { mode: 0o640 });
  const auditd = new PrivateAuditd(folder, configFile, logFolder);
  try {
    await auditd.start();
    await auditd.auditctl("--reset-lost");
    await auditd.auditctl("-b", String(options.backlogLimit ?? 8_192));
    await auditd.auditctl("-e", "1");
  } catch (error) {
    await auditd.stop();
    throw error;
  }
  return auditd;
}

function requireAuditd(): void {
  if (process.getuid?.() !== 0) throw new Error("A real auditd needs root: run the tests as root");
  for (const path of ["/usr/sbin/auditd", "/usr/sbin/auditctl"]) {
    if (!existsSync(path)) throw new Error(`${path} is missing: apt-get install auditd`);
  }
}

function renderConfig(folder: string, options: AuditdOptions): string {
  const settings: Readonly<Record<string, string | number>> = {
    local_events: "yes",
    write_logs: "yes",
    log_file: join(folder, "log", "audit.log"),
    log_group: options.logGroup ?? "root",
    log_format: options.logFormat ?? "ENRICHED",
    flush: options.flush ?? "INCREMENTAL_ASYNC",
    freq: 50,
    max_log_file: options.maxLogFileMb ?? 8,
    num_logs: options.numLogs ?? 5,
    max_log_file_action: options.maxLogFileAction ?? "ROTATE",
    priority_boost: 4,
    name_format: options.nodeName === undefined ? "NONE" : "USER",
    ...(options.nodeName === undefined ? {} : { name: options.nodeName }),
    space_left: 2,
    space_left_action: "IGNORE",
    admin_space_left: 1,
    admin_space_left_action: "IGNORE",
    disk_full_action: "IGNORE",
    disk_error_action: "IGNORE",
    verify_email: "no",
    plugin_dir: join(folder, "plugins"),
    q_depth: 2_000,
    overflow_action: "IGNORE",
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("");
}

const guardScript = fileURLToPath(new URL("auditd-guard.sh", import.meta.url));
const execFileText = promisify(execFile);

class PrivateAuditd implements Auditd {
  readonly folder: string;
  readonly configFile: string;
  readonly logFolder: string;
  readonly logFile: string;
  #guard: ChildProcess | undefined;
  #said: AsyncIterator<string> | undefined;
  #pid = 0;
  #marks = 0;

  constructor(folder: string, configFile: string, logFolder: string) {
    this.folder = folder;
    this.configFile = configFile;
    this.logFolder = logFolder;
    this.logFile = join(logFolder, "audit.log");
  }

  /** Starts the guard, which waits for the lock and starts auditd. */
  async start(): Promise<void> {
    // A session of its own, so that an interrupt at the terminal reaches us and not the guard.
    const guard = spawn("/bin/sh", [guardScript, auditLock, this.folder], {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#guard = guard;
    this.#said = createInterface({ input: guard.stdout })[Symbol.asyncIterator]();
    await this.#started();
  }

  pid(): number {
    return this.#pid;
  }

  async rules(lines: readonly string[]): Promise<void> {
    const file = join(this.folder, "test.rules");
    await writeFile(file, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
    await this.auditctl("-R", file);
  }

  async deleteRules(): Promise<void> {
    await this.auditctl("-D");
  }

  async auditctl(...args: readonly string[]): Promise<string> {
    const { stdout } = await execFileText("/usr/sbin/auditctl", args);
    return stdout;
  }

  async status(): Promise<Readonly<Record<string, number>>> {
    const lines = (await this.auditctl("-s")).matchAll(/^(?<key>\w+) (?<value>\d+)\b/gm);
    return Object.fromEntries(
      [...lines].map(({ groups }) => [groups?.key ?? "", Number(groups?.value)]),
    );
  }

  async settle(): Promise<string> {
    this.#marks += 1;
    const mark = `linuxguard-settled-${process.pid}-${this.#marks}`;
    await this.auditctl("-m", mark);
    await until(`the mark in ${this.logFile}`, () => tailHolds(this.logFile, mark));
    return mark;
  }

  async rotate(): Promise<void> {
    const { ino } = await stat(this.logFile);
    process.kill(this.#pid, "SIGUSR1");
    await until("a rotated log", async () => {
      const now = await stat(this.logFile).catch(() => undefined);
      return now !== undefined && now.ino !== ino;
    });
  }

  async reconfigure(change: (text: string) => string): Promise<void> {
    await writeFile(this.configFile, change(await readFile(this.configFile, "utf8")));
    const { size } = await stat(this.logFile);
    process.kill(this.#pid, "SIGHUP");
    await until("DAEMON_CONFIG in the log", async () => {
      const text = await readFile(this.logFile, "latin1");
      return text.length < size || text.slice(size).includes("type=DAEMON_CONFIG");
    });
  }

  async restart(): Promise<void> {
    this.#guard?.stdin?.write("restart\n");
    await this.#started();
  }

  async stop(): Promise<void> {
    const guard = this.#guard;
    if (guard === undefined) return;
    this.#guard = undefined;
    const ended = once(guard, "close");
    guard.stdin?.end();
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Waits until auditd holds the kernel's audit socket. */
  async #started(): Promise<void> {
    const said: IteratorResult<string, unknown> | undefined = await this.#said?.next();
    const [what, pid] = said?.done === false ? said.value.split(" ") : [];
    if (what === "busy")
      throw new Error(`Cannot start auditd: one runs already, as process ${pid}`);
    this.#pid = Number(pid);
    try {
      await until("auditd", async () => {
        if (!existsSync(`/proc/${this.#pid}/exe`)) throw new Error("auditd ended at once");
        return (await this.status()).pid === this.#pid;
      });
    } catch (cause) {
      // Only in the foreground does it say what is wrong.
      const { stderr } = spawnSync("/usr/sbin/auditd", ["-f", "-c", join(this.folder, "conf")], {
        timeout: 2_000,
        encoding: "utf8",
      });
      throw new Error(`Cannot start auditd: ${stderr.trim()}`, { cause });
    }
  }
}

/** Polls until `holds` is true; gives up after 10 s. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error(`Waited 10 s in vain for ${what}`);
}

/** Looks for a text in the last 64 KiB of a file. */
async function tailHolds(path: string, text: string): Promise<boolean> {
  await using file = await open(path);
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read({
    position: Math.max(0, size - 65_536),
    buffer: Buffer.alloc(65_536),
  });
  return buffer.subarray(0, bytesRead).includes(text);
}
