import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Puts a file with the text in the place of what has the path: after a crash it is the one or the
 * other, whole. No symbolic link is followed, neither at the path nor as its directory. Throws the
 * system's error.
 */
export function replaceFile(path: string, text: string, mode: number): void {
  const directory = openSync(dirname(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    // By its descriptor, so that all of it happens in one directory.
    const held = `/proc/self/fd/${directory}`;
    const name = basename(path);
    const temporary = join(held, `.${name}.${randomBytes(8).toString("hex")}.new`);
    writeNew(temporary, text, mode);
    try {
      renameSync(temporary, join(held, name));
    } catch (error) {
      unlinkSync(temporary);
      throw error;
    }
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Writes a file that was not there; it is durable, or gone again. */
function writeNew(path: string, text: string, mode: number): void {
  const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    // The umask takes away from the mode that a file is made with.
    fchmodSync(file, mode);
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}
