import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { parseCgroup } from "./cgroup.ts";
import { isHostUidMap, isNamespaceInit, parseCmdline, parseStat } from "./proc-text.ts";
import { type ProcessFacts, runningEntityId } from "./process-facts.ts";

/** The kernel counts start times in these. Source: proc_pid_stat(5); USER_HZ is 100 on all we run on. */
const ticksPerSecond = 100;
/** Enough for the longest status; what of a command line is longer would not be kept either. */
const longestRead = 4_096;
/** The number of the first pid namespace. Source: include/linux/proc_ns.h, PROC_PID_INIT_INO. */
const hostPidNamespace = "pid:[4026531836]";

export interface ProcOptions {
  readonly root?: string;
  readonly hostKey: string;
  readonly bootId: string;
  /** The clock of the machine. */
  readonly now: () => number;
  /** Processes that may be looked up on events' behalf, in a second. */
  readonly lookupsPerSecond?: number;
  /** Replaces the secrets in a process's arguments. */
  readonly redact?: (args: readonly string[]) => readonly string[];
}

/** How much of /proc an account may see. */
export type ProcAccess = "all" | "hidden" | "namespace";

/**
 * Reads processes from /proc, with the rights of any account. A process that ends meanwhile or that
 * is hidden is no error: there is nothing to say of it.
 */
export class Proc {
  readonly #root: string;
  readonly #options: ProcOptions;
  readonly #lookupsPerSecond: number;
  readonly #buffer = Buffer.alloc(longestRead);
  #windowMs = Number.NEGATIVE_INFINITY;
  #windowBootMs = 0;
  #lookups = 0;

  constructor(options: ProcOptions) {
    this.#options = options;
    this.#root = options.root ?? "/proc";
    this.#lookupsPerSecond = options.lookupsPerSecond ?? 100;
  }

  /**
   * Whether it shows the processes that the audit log speaks of: not all with the mount option
   * `hidepid`, and others with other pids in a pid namespace of our own.
   */
  access(): ProcAccess {
    if (this.#namespace() !== hostPidNamespace) return "namespace";
    return this.#read(1, "stat") === undefined ? "hidden" : "all";
  }

  /** All processes there are, parents before children as a rule. */
  *processes(): Generator<ProcessFacts> {
    const bootMs = this.#bootMs();
    for (const pid of this.pids()) {
      const facts = this.#facts(pid, bootMs);
      if (facts !== undefined) yield facts;
    }
  }

  pids(): Set<number> {
    const names = readdirSync(this.#root).filter((name) => /^\d+$/.test(name));
    return new Set(names.map(Number));
  }

  /** One process, or `undefined` if there is none or the allowance of this second is spent. */
  lookup(pid: number): ProcessFacts | undefined {
    const nowMs = this.#options.now();
    if (Math.abs(nowMs - this.#windowMs) >= 1_000) {
      this.#windowMs = nowMs;
      this.#windowBootMs = this.#bootMs();
      this.#lookups = 0;
    }
    if (this.#lookups >= this.#lookupsPerSecond) return undefined;
    this.#lookups++;
    return this.#facts(pid, this.#windowBootMs);
  }

  #facts(pid: number, bootMs: number): ProcessFacts | undefined {
    const stat = parseStat(this.#read(pid, "stat") ?? "");
    if (stat === undefined) return undefined;
    const { containerId, unit } = parseCgroup(this.#read(pid, "cgroup") ?? "");
    const uidMap = this.#read(pid, "uid_map");
    const isForeign = uidMap !== undefined && uidMap !== "" && !isHostUidMap(uidMap);
    const { hostKey, bootId, redact } = this.#options;
    const args = parseCmdline(this.#read(pid, "cmdline") ?? "");
    return {
      pid,
      ...stat,
      entityId: runningEntityId(hostKey, bootId, pid, stat.startTicks),
      startMs: bootMs + (stat.startTicks / ticksPerSecond) * 1_000,
      isInit: isNamespaceInit(this.#read(pid, "status") ?? ""),
      args: redact === undefined ? args : redact(args),
      containerId,
      unit,
      isContained: containerId !== undefined || isForeign,
    };
  }

  /** When the machine started, by its clock of today. */
  #bootMs(): number {
    const uptime = readFileSync(`${this.#root}/uptime`, "latin1").split(" ", 1);
    return this.#options.now() - Number(uptime[0]) * 1_000;
  }

  #namespace(): string | undefined {
    try {
      return readlinkSync(`${this.#root}/self/ns/pid`);
    } catch (error) {
      if (isGoneOrHidden(error)) return undefined;
      throw error;
    }
  }

  #read(pid: number, name: string): string | undefined {
    let file: number;
    try {
      file = openSync(`${this.#root}/${pid}/${name}`, "r");
    } catch (error) {
      if (isGoneOrHidden(error)) return undefined;
      throw error;
    }
    try {
      return this.#buffer.toString("utf8", 0, readSync(file, this.#buffer));
    } catch (error) {
      if (isGoneOrHidden(error)) return undefined;
      throw error;
    } finally {
      closeSync(file);
    }
  }
}

/** ENOENT and ESRCH: it ended. EACCES and EPERM: it is not ours to see. */
function isGoneOrHidden(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    ["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(String(error.code))
  );
}
