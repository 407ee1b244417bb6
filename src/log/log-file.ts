import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { makeDirectories } from "#base/make-directories.ts";

/** Where log lines go and how much of the disk they may take: `files` times `sizeBytes`. */
export interface LogFileSettings {
  readonly directory: string;
  /** Name of the current file; older ones have `.1`, `.2` and so on after it. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Files kept, the current one included. */
  readonly files: number;
}

const lineFeed = Buffer.from("\n");

/**
 * A log file that rotates by size and never throws what a disk may do. A line is whole in the file when
 * `write` returns true, and not in it at all otherwise; the next write tries the disk again.
 */
export class LogFile {
  readonly #settings: LogFileSettings;
  #fd: number | undefined;
  #sizeBytes = 0;
  /** The file's last line lacks its end: a crash or a full disk cut it. */
  #isTorn = false;

  constructor(settings: LogFileSettings) {
    this.#settings = settings;
  }

  /** Appends one line, its line feed included; false if it could not be written. */
  write(line: string): boolean {
    try {
      this.#append(Buffer.from(line));
      return true;
    } catch (error) {
      this.close();
      if (isSystemError(error)) return false;
      throw error;
    }
  }

  /** Lets go of the file; the next write opens it by its name. */
  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      closeSync(fd);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }

  #append(line: Buffer): void {
    let fd = this.#current();
    const bytes = this.#isTorn ? Buffer.concat([lineFeed, line]) : line;
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes.length > this.#settings.sizeBytes) {
      this.#rotate();
      fd = this.#open();
    }
    try {
      for (let from = 0; from < bytes.length; ) from += writeSync(fd, bytes, from);
    } catch (error) {
      ftruncateSync(fd, this.#sizeBytes);
      throw error;
    }
    this.#sizeBytes += bytes.length;
    this.#isTorn = false;
  }

  /** The file under its name; one that somebody removed is written to no more. */
  #current(): number {
    if (this.#fd === undefined) return this.#open();
    const { nlink, size } = fstatSync(this.#fd);
    if (nlink === 0) {
      this.close();
      return this.#open();
    }
    this.#sizeBytes = size;
    return this.#fd;
  }

  #open(): number {
    const { directory } = this.#settings;
    makeDirectories(directory, 0o750);
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
    const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
    const fd = openSync(this.#path(0), flags, 0o640);
    this.#fd = fd;
    this.#sizeBytes = fstatSync(fd).size;
    const last = Buffer.alloc(1);
    const position = Math.max(0, this.#sizeBytes - 1);
    this.#isTorn = readSync(fd, last, { position }) > 0 && !last.equals(lineFeed);
    return fd;
  }

  #rotate(): void {
    this.close();
    const { directory, name, files } = this.#settings;
    const kept = readdirSync(directory)
      .map((entry) => (entry === name ? 0 : parseNumber(entry, name)))
      .filter((number) => number !== undefined)
      .toSorted((a, b) => b - a);
    for (const number of kept) {
      if (number >= files - 1) rmSync(this.#path(number));
      else renameSync(this.#path(number), this.#path(number + 1));
    }
  }

  #path(number: number): string {
    const { directory, name } = this.#settings;
    return join(directory, number === 0 ? name : `${name}.${number}`);
  }
}

function parseNumber(entry: string, name: string): number | undefined {
  const digits = entry.startsWith(`${name}.`) ? entry.slice(name.length + 1) : "";
  return /^[1-9]\d{0,3}$/.test(digits) ? Number(digits) : undefined;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
