import { closeSync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, lstatSync } from "node:fs";
import { dirname } from "node:path";
import {
  createFile,
  ifThere,
  isSystemError,
  openRegular,
  removeIfPossible,
  syncDirectory,
  writeAll,
} from "./files.ts";

/** The newest segment, open for appending. */
export class Tail {
  readonly path: string;
  readonly #fd: number;
  readonly #inode: number;
  #end: number;
  #isDirty = false;
  #isTrusted = true;

  private constructor(path: string, fd: number, end: number) {
    this.path = path;
    this.#fd = fd;
    this.#inode = fstatSync(fd).ino;
    this.#end = end;
  }

  /** Creates a segment that starts with these bytes, durable with its name; leaves none if that fails. */
  static create(path: string, bytes: Uint8Array): Tail {
    const fd = createFile(path);
    try {
      writeAll(fd, bytes, 0);
      fsyncSync(fd);
      syncDirectory(dirname(path));
      return new Tail(path, fd, bytes.length);
    } catch (error) {
      closeSync(fd);
      // If it stays, the next attempt finds it and removes it first.
      removeIfPossible(path);
      throw error;
    }
  }

  /** Opens a segment to append after its last whole batch. */
  static reopen(path: string, end: number): Tail {
    return new Tail(path, openRegular(path, "write"), end);
  }

  /** Offset after the last batch. */
  get end(): number {
    return this.#end;
  }

  /** Tells whether the next batch may go here: nothing failed that makes the file doubtful, and it is still ours. */
  isUsable(): boolean {
    const stats = this.#isTrusted ? ifThere(() => lstatSync(this.path)) : undefined;
    return stats?.isFile() === true && stats.ino === this.#inode && stats.size === this.#end;
  }

  /** Appends bytes and makes them durable. If it throws, they count as never written. */
  append(bytes: Uint8Array): void {
    this.#isDirty = true;
    try {
      writeAll(this.#fd, bytes, this.#end);
    } catch (error) {
      // A full disk is no fault of the file. Anything else is: the next batch gets another one.
      this.#isTrusted = isSystemError(error, "ENOSPC", "EDQUOT");
      throw error;
    }
    try {
      fdatasyncSync(this.#fd);
    } catch (error) {
      // After a failed sync the kernel may hold the lost pages for clean: a second sync would prove nothing.
      this.#isTrusted = false;
      throw error;
    }
    this.#end += bytes.length;
    this.#isDirty = false;
  }

  /** Cuts off what a failed append left, or throws: until it is cut, nothing may follow. */
  mend(): void {
    if (!this.#isDirty) return;
    ftruncateSync(this.#fd, this.#end);
    this.#isDirty = false;
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#fd);
  }
}
