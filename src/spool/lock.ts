import { readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "#base/failure.ts";
import { ifThere, isSystemError, remove, removeIfPossible } from "./files.ts";

/** The right to write to a spool. */
export interface Lock {
  release(): void;
}

const lockPattern = /^lock\.(?<turn>\d{1,15})$/;
const holderPattern = /^(?<pid>\d{1,10}) (?<startTicks>\d+) (?<bootId>\S+)$/;
const free = "free";

/**
 * Takes the right to write to a spool, or throws `spool.locked` and names the holder.
 *
 * A lock is a symbolic link whose target names the holder: made in one step, whole or not at all, on a full
 * disk too, and never followed. Locks are numbered. Who finds `lock.7` left by a dead process makes `lock.8`,
 * which only one can; the number never falls, so nobody takes away a lock that another took meanwhile.
 */
export function acquireLock(directory: string): Lock {
  const self = `${process.pid} ${readStartTicks(process.pid) ?? "0"} ${readBootId()}`;
  for (;;) {
    const newest = listTurns(directory).at(-1) ?? 0;
    refuseIfHeld(directory, newest);
    const turn = newest + 1;
    if (!claim(directory, turn, self)) continue;
    if (listTurns(directory).at(-1) === turn) {
      removeBefore(directory, turn);
      return { release: () => release(directory, turn, self) };
    }
    remove(lockPath(directory, turn));
  }
}

function refuseIfHeld(directory: string, turn: number): void {
  const holder = holderPattern.exec(readLock(directory, turn) ?? "")?.groups;
  if (holder === undefined || !isAlive(Number(holder.pid), holder.startTicks, holder.bootId))
    return;
  throw new Failure(
    "spool.locked",
    `Cannot open spool ${directory} for writing: current value of the holder's pid is "${holder.pid}"`,
    { hint: `Another agent uses it. Stop process ${holder.pid} first.` },
  );
}

/** Makes a lock; false if another was faster. */
function claim(directory: string, turn: number, holder: string): boolean {
  try {
    symlinkSync(holder, lockPath(directory, turn));
    return true;
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return false;
    throw error;
  }
}

/** Gives the lock up. Where that cannot be written, the end of this process says the same. */
function release(directory: string, turn: number, self: string): void {
  try {
    if (readLock(directory, turn) !== self || !claim(directory, turn + 1, free)) return;
    removeBefore(directory, turn + 1);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

function removeBefore(directory: string, turn: number): void {
  for (const other of listTurns(directory)) {
    if (other < turn) removeIfPossible(lockPath(directory, other));
  }
}

function listTurns(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => {
      const turn = lockPattern.exec(name)?.groups?.turn;
      return turn === undefined ? [] : [Number(turn)];
    })
    .toSorted((a, b) => a - b);
}

/** Reads who holds a lock; `undefined` if it is gone or no lock of ours. */
function readLock(directory: string, turn: number): string | undefined {
  try {
    return readlinkSync(lockPath(directory, turn));
  } catch (error) {
    if (isSystemError(error, "ENOENT", "EINVAL")) return;
    throw error;
  }
}

function isAlive(pid: number, startTicks = "", bootId = ""): boolean {
  if (bootId !== readBootId()) return false;
  const ticks = readStartTicks(pid);
  return ticks === undefined ? isSignalable(pid) : ticks === startTicks;
}

/** Asks the kernel itself, for /proc may hide the processes of other users. */
function isSignalable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (isSystemError(error, "ESRCH")) return false;
    if (isSystemError(error, "EPERM")) return true;
    throw error;
  }
}

/**
 * Start of a process in ticks since boot; "0" for one that ended and was not yet waited for.
 *
 * Source: proc_pid_stat(5), fields 3 and 22.
 */
function readStartTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "0" : fields[19];
  } catch (error) {
    if (isSystemError(error)) return;
    throw error;
  }
}

function readBootId(): string {
  const id = ifThere(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  return id ?? "unknown";
}

function lockPath(directory: string, turn: number): string {
  return join(directory, `lock.${turn}`);
}
