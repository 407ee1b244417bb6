import { appendFileSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectories } from "#base/make-directories.ts";
import { replaceFile } from "#base/replace-file.ts";

const fileMode = 0o640;
const directoryMode = 0o750;

/** Keeps the events that the console will never take, the newest of them, in a file of NDJSON. */
export class DeadLetters {
  readonly #path: string;
  readonly #limitBytes: number;

  constructor(path: string, limitBytes = 4 * 1_048_576) {
    this.#path = path;
    this.#limitBytes = limitBytes;
  }

  /** Adds an event; at the limit the older half goes. Throws the system's error. */
  add(line: string): void {
    makeDirectories(dirname(this.#path), directoryMode);
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size + Buffer.byteLength(line) > this.#limitBytes) this.#dropOlderHalf();
    appendFileSync(this.#path, `${line}\n`, { mode: fileMode });
  }

  #dropOlderHalf(): void {
    const text = readFileSync(this.#path, "utf8");
    const half = text.slice(-this.#limitBytes / 2);
    replaceFile(this.#path, half.slice(half.indexOf("\n") + 1), fileMode);
  }
}
