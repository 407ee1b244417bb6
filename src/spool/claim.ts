import { makeDirectory, statDirectory } from "./files.ts";
import { acquireLock, type Lock } from "./lock.ts";

/** Takes the lock and gives it up again if `act` fails. */
export function locked<T>(directory: string, act: (lock: Lock) => T): T {
  const lock = acquireLock(directory);
  try {
    return act(lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Makes sure of a directory that is ours; returns its inode. */
export function claimDirectory(directory: string): number {
  if (statDirectory(directory) === undefined) makeDirectory(directory);
  const stats = statDirectory(directory);
  if (stats?.uid === process.geteuid?.()) return stats?.ino ?? 0;
  throw Object.assign(new Error(`Not our directory: ${directory}`), {
    code: "EPERM",
    syscall: "lstat",
  });
}
