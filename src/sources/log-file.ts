import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { fingerprint, type LogPosition, longestHead, longestTail } from "./position.ts";

/** One open file of the log, and how far it was read. */
export class LogFile {
  readonly #fd: number;
  readonly device: number;
  readonly inode: number;
  #offset: number;
  /** The fingerprint of the file's beginning, once it cannot change any more. */
  #head: { readonly bytes: number; readonly hash: string } | undefined;
  readonly #scratch = Buffer.alloc(longestHead);

  private constructor(fd: number, device: number, inode: number, offset: number) {
    this.#fd = fd;
    this.device = device;
    this.inode = inode;
    this.#offset = offset;
  }

  /** Opens a regular file, never through a link; throws the system's error if it cannot. */
  static open(path: string, offset = 0): LogFile {
    const flags =
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NOCTTY | constants.O_NONBLOCK;
    const fd = openSync(path, flags);
    try {
      const stats = fstatSync(fd);
      if (stats.isFile()) return new LogFile(fd, stats.dev, stats.ino, offset);
      throw Object.assign(new Error(`No regular file: ${path}`), { code: "EINVAL" });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  get offset(): number {
    return this.#offset;
  }

  get sizeBytes(): number {
    return fstatSync(this.#fd).size;
  }

  /** Whether the file has still a name. */
  get isLinked(): boolean {
    return fstatSync(this.#fd).nlink > 0;
  }

  /** Reads on; 0 at the end. */
  read(into: Uint8Array): number {
    const size = readSync(this.#fd, into, 0, into.length, this.#offset);
    this.#offset += size;
    return size;
  }

  rewind(): void {
    this.#offset = 0;
    this.#head = undefined;
  }

  seek(offset: number): void {
    this.#offset = offset;
  }

  /** The place of the next byte to read. */
  position(): LogPosition {
    const head = this.#fingerprintHead();
    const tailBytes = Math.min(this.#offset, longestTail);
    return {
      device: this.device,
      inode: this.inode,
      headBytes: head.bytes,
      headHash: head.hash,
      tailBytes,
      tailHash: this.#hash(this.#offset - tailBytes, tailBytes),
      offset: this.#offset,
    };
  }

  /** Whether the file is the one that a position is in. */
  isFileOf(position: LogPosition): boolean {
    if (this.device !== position.device || this.inode !== position.inode) return false;
    return this.#hash(0, position.headBytes) === position.headHash;
  }

  /** Whether the bytes before a position are still those that were read. */
  holds(position: LogPosition): boolean {
    if (this.sizeBytes < position.offset) return false;
    const { offset, tailBytes, tailHash } = position;
    return this.#hash(offset - tailBytes, tailBytes) === tailHash;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #fingerprintHead(): { readonly bytes: number; readonly hash: string } {
    if (this.#head !== undefined) return this.#head;
    const bytes = Math.min(this.#offset, longestHead);
    const head = { bytes, hash: this.#hash(0, bytes) };
    if (bytes === longestHead) this.#head = head;
    return head;
  }

  #hash(from: number, size: number): string {
    const got = readSync(this.#fd, this.#scratch, 0, size, from);
    return fingerprint(this.#scratch.subarray(0, got));
  }
}
