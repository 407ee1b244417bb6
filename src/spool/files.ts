import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

const directoryMode = 0o750;
const fileMode = 0o640;

/** Tells whether a call of the system failed, with one of the codes if any are given. */
export function isSystemError(
  error: unknown,
  ...codes: readonly string[]
): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return false;
  return codes.length === 0 || codes.includes(String(error.code));
}

/** Runs `read`; `undefined` if what it names does not exist. */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return;
    throw error;
  }
}

/** Makes a directory and its entry durable; one that is there is kept. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: directoryMode });
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return;
    throw error;
  }
  syncDirectory(dirname(path));
}

/**
 * Looks at a directory: `undefined` if there is none.
 * What is there and is no directory, a symbolic link above all, is refused with ENOTDIR.
 */
export function statDirectory(path: string): Stats | undefined {
  const stats = ifThere(() => lstatSync(path));
  if (stats === undefined || stats.isDirectory()) return stats;
  throw Object.assign(new Error(`Not a directory: ${path}`), { code: "ENOTDIR", syscall: "lstat" });
}

/** Makes what was created, renamed or removed in a directory durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Creates a file that must not be there yet, for writing. */
export function createFile(path: string): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  return openSync(path, flags, fileMode);
}

/** Opens a regular file: never through a symbolic link, and only one that the directory's owner owns. */
export function openRegular(path: string, access: "read" | "write"): number {
  const flags = access === "read" ? constants.O_RDONLY : constants.O_RDWR;
  const fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stats = fstatSync(fd);
  if (stats.isFile() && stats.uid === lstatSync(dirname(path)).uid) return fd;
  closeSync(fd);
  throw Object.assign(new Error(`Not a regular file of the directory's owner: ${path}`), {
    code: "EPERM",
    syscall: "open",
  });
}

/** Opens a regular file, hands it to `use` and closes it. */
export function withFile<T>(path: string, access: "read" | "write", use: (fd: number) => T): T {
  const fd = openRegular(path, access);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes all bytes at a position: a write may take fewer than it was given and say so only by its count. */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}

/** Reads up to `length` bytes at a position; fewer only at the end of the file. */
export function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

/** Replaces a small file as a whole: readers see the old bytes or the new ones, after a crash too. */
export function writeFileAtomically(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.tmp`;
  remove(temporary);
  const fd = createFile(temporary);
  try {
    writeAll(fd, bytes, 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

/** Removes a file; one that is gone already is no error. */
export function remove(path: string): void {
  ifThere(() => {
    unlinkSync(path);
  });
}

/** Removes a file that does no harm if it stays; tells whether it is gone. */
export function removeIfPossible(path: string): boolean {
  try {
    remove(path);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
