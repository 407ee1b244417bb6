import { appendFileSync, closeSync, constants, lstatSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "#base/failure.ts";
import { makeDirectories } from "#base/make-directories.ts";
import { replaceFile } from "#base/replace-file.ts";

const fileMode = 0o640;
/** Follows no symbolic link, which somebody else may have laid there. */
const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW;
const directoryMode = 0o750;

/** Keeps the events that the console will never take, the newest of them, in a file of NDJSON. */
export class DeadLetters {
  readonly path: string;
  readonly #limitBytes: number;

  constructor(path: string, limitBytes = 4 * 1_048_576) {
    this.path = path;
    this.#limitBytes = limitBytes;
  }

  /**
   * Adds events; at the limit the older half goes, and it is told how many those were. Throws
   * `output.unwritable`.
   */
  add(lines: readonly string[]): number {
    try {
      makeDirectories(dirname(this.path), directoryMode);
      return lines.reduce((dropped, line) => dropped + this.#add(line), 0);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  #add(line: string): number {
    const size = lstatSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    const isFull = size > 0 && size + Buffer.byteLength(line) > this.#limitBytes;
    const dropped = isFull ? this.#dropOlderHalf() : 0;
    const fd = openSync(this.path, flags, fileMode);
    try {
      appendFileSync(fd, `${line}\n`);
    } finally {
      closeSync(fd);
    }
    return dropped;
  }

  #dropOlderHalf(): number {
    const text = readFileSync(this.path, "utf8");
    const half = text.slice(-this.#limitBytes / 2);
    const kept = half.slice(half.indexOf("\n") + 1);
    replaceFile(this.path, kept, fileMode);
    return countLines(text) - countLines(kept);
  }
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}

function unwritable(path: string, cause: unknown): Failure {
  if (!(cause instanceof Error && "code" in cause)) throw cause;
  return new Failure("output.unwritable", `Cannot write ${path}: ${String(cause.code)}`, {
    hint: "Free some space there; the events that follow are kept again.",
    cause,
  });
}
