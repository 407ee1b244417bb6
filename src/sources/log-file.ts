import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type ChainLink, type FileIdentity, identify, isSameFile } from "./chain.ts";
import { fingerprint, type LogPosition, longestHead, longestTail } from "./position.ts";
import { systemError } from "./system-error.ts";

const openFlags =
  constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NOCTTY | constants.O_NONBLOCK;

/** The fingerprint of a file's first bytes, and of how many. */
interface Head {
  readonly bytes: number;
  readonly hash: string;
}

const noHead: Head = { bytes: 0, hash: fingerprint(new Uint8Array()) };

/** One open file of the log, and how far it was read. */
export class LogFile {
  readonly #fd: number;
  readonly identity: FileIdentity;
  #offset = 0;
  /** The bytes before the offset, as they were read. */
  readonly #tail = Buffer.alloc(longestTail);
  #head: Head = noHead;

  private constructor(fd: number, identity: FileIdentity) {
    this.#fd = fd;
    this.identity = identity;
  }

  /**
   * Opens the regular file that a look found, never through a link. Throws the system's error if it
   * cannot; ENOENT also if another file has taken the name since.
   */
  static open(link: ChainLink): LogFile {
    if (link.refusal !== undefined)
      throw systemError(link.refusal, `No regular file: ${link.path}`);
    const fd = openSync(link.path, openFlags);
    try {
      const file = new LogFile(fd, identify(fstatSync(fd)));
      if (!isSameFile(file.identity, link)) {
        throw systemError("ENOENT", `Another file has taken the name: ${link.path}`);
      }
      file.#refreshHead();
      return file;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** A buffer for `read` that takes so many bytes at once. */
  static createBlock(sizeBytes: number): Buffer {
    return Buffer.allocUnsafe(longestTail + sizeBytes);
  }

  get offset(): number {
    return this.#offset;
  }

  get sizeBytes(): number {
    return fstatSync(this.#fd).size;
  }

  /**
   * Reads on, into the block: no bytes at the end. `undefined` if what was read before is no longer
   * there: the file was cut, and may have grown again.
   */
  read(block: Buffer): Uint8Array | undefined {
    const tailBytes = Math.min(this.#offset, longestTail);
    const start = longestTail - tailBytes;
    // What was read last comes along once more, so that one call reads and looks whether it still holds.
    const got = readSync(this.#fd, block, start, block.length - start, this.#offset - tailBytes);
    const isCut =
      got < tailBytes || block.compare(this.#tail, 0, tailBytes, start, longestTail) !== 0;
    if (isCut) return undefined;
    const end = start + got;
    if (end === longestTail) return block.subarray(end, end);
    this.#refreshHead();
    this.#offset += end - longestTail;
    block.copy(this.#tail, 0, end - Math.min(this.#offset, longestTail), end);
    return block.subarray(longestTail, end);
  }

  /** Goes to the beginning of a file that was cut. */
  rewind(): void {
    this.#offset = 0;
    this.#head = noHead;
  }

  seekEnd(): void {
    const { size } = fstatSync(this.#fd);
    const tailBytes = Math.min(size, longestTail);
    readSync(this.#fd, this.#tail, 0, tailBytes, size - tailBytes);
    this.#offset = size;
  }

  /** Goes to a place in this file; stays at the beginning if other bytes are before it now. */
  seek({ offset, tailBytes, tailHash }: LogPosition): boolean {
    const wanted = Math.min(offset, longestTail);
    const got = readSync(this.#fd, this.#tail, 0, wanted, offset - wanted);
    const covered = this.#tail.subarray(wanted - Math.min(tailBytes, wanted), wanted);
    if (got < wanted || fingerprint(covered) !== tailHash) return false;
    this.#offset = offset;
    return true;
  }

  /** Whether the file begins as the one did that a position is in. */
  beginsAs({ headBytes, headHash }: LogPosition): boolean {
    return this.#readHead(headBytes).hash === headHash;
  }

  /** The place of the next byte to read. */
  position(): LogPosition {
    const tailBytes = Math.min(this.#offset, longestTail);
    return {
      ...this.identity,
      headBytes: this.#head.bytes,
      headHash: this.#head.hash,
      tailBytes,
      tailHash: fingerprint(this.#tail.subarray(0, tailBytes)),
      offset: this.#offset,
    };
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Learns more of the beginning of a file that was shorter before. */
  #refreshHead(): void {
    if (this.#head.bytes < longestHead) this.#head = this.#readHead(longestHead);
  }

  #readHead(size: number): Head {
    const scratch = Buffer.alloc(size);
    const bytes = readSync(this.#fd, scratch, 0, size, 0);
    return { bytes, hash: fingerprint(scratch.subarray(0, bytes)) };
  }
}
