import { createHash } from "node:crypto";
import { readSync } from "node:fs";

const lineFeed = 10;
const blockBytes = 65_536;

/** Reads lines and runs of bytes from a file, one after the other, and hashes what was read. */
export class ByteReader {
  readonly #fd: number;
  readonly #digest = createHash("sha256");
  #held: Buffer = Buffer.alloc(0);
  #offset = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** A line without its end; `undefined` if there is none of so many bytes. */
  line(longest: number): string | undefined {
    for (;;) {
      const end = this.#held.indexOf(lineFeed);
      if (end > longest || (end < 0 && this.#held.length > longest)) return undefined;
      if (end >= 0) return this.#take(end + 1).toString("utf8", 0, end);
      if (!this.#fill()) return undefined;
    }
  }

  /** So many bytes; `undefined` if there are fewer. */
  bytes(length: number): Buffer | undefined {
    const bytes = Buffer.alloc(length);
    const start = this.#take(Math.min(length, this.#held.length));
    start.copy(bytes);
    let at = start.length;
    while (at < length) {
      const read = readSync(this.#fd, bytes, at, length - at, this.#offset);
      if (read === 0) return undefined;
      this.#digest.update(bytes.subarray(at, at + read));
      this.#offset += read;
      at += read;
    }
    return bytes;
  }

  get isAtEnd(): boolean {
    return this.#held.length === 0 && !this.#fill();
  }

  /** SHA-256 of all that was read, in hexadecimal. */
  get digest(): string {
    return this.#digest.copy().digest("hex");
  }

  #take(length: number): Buffer {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    this.#digest.update(taken);
    return taken;
  }

  #fill(): boolean {
    const block = Buffer.alloc(blockBytes);
    const read = readSync(this.#fd, block, 0, blockBytes, this.#offset);
    this.#offset += read;
    this.#held = Buffer.concat([this.#held, block.subarray(0, read)]);
    return read > 0;
  }
}
