import { closeSync, constants, fchmodSync, openSync, renameSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { eventRecords } from "#test/support/generated-records.ts";

/** What a writer has written; the last line that it prints is final. */
export interface WriterTotals {
  readonly events: number;
  readonly lines: number;
  readonly bytes: number;
  readonly rotations: number;
  /** The sum of the CRC-32 of every line with its line feed, modulo 2^32: the same in any order. */
  readonly checksum: number;
}

const firstSerial = 1_000;
const kinds = 3_000;

/**
 * Writes an audit log as auditd does, until SIGTERM: whole lines of events with rising serials, some
 * of them interleaved, in bursts; and rotates it by renaming the whole chain, between any two lines.
 */
class LogWriter {
  readonly #path: string;
  readonly #keep: number;
  readonly #random: () => number;
  readonly #events: readonly (readonly { readonly type: string; readonly body: string }[])[];
  #fd: number;
  #serial = firstSerial;
  #lines = 0;
  #bytes = 0;
  #fileBytes = 0;
  #rotations = 0;
  #checksum = 0;

  constructor(path: string, keep: number, seed: number) {
    this.#path = path;
    this.#keep = keep;
    this.#random = createRandom(seed);
    this.#events = fc.sample(eventRecords, { seed, numRuns: kinds });
    this.#fd = openLog(path);
  }

  get totals(): WriterTotals {
    return {
      events: this.#serial - firstSerial,
      lines: this.#lines,
      bytes: this.#bytes,
      rotations: this.#rotations,
      checksum: this.#checksum,
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    let rotateAt = performance.now();
    while (!signal.aborted) {
      const lines = this.#makeBurst(this.#pick(40) + 1);
      const cut = performance.now() >= rotateAt ? this.#pick(lines.length + 1) : -1;
      this.#write(lines.slice(0, cut < 0 ? lines.length : cut));
      if (cut >= 0) {
        await this.#rotate();
        rotateAt = performance.now() + 15 + this.#pick(110);
        this.#write(lines.slice(cut));
      }
      if (this.#pick(4) === 0) await sleep(this.#pick(80));
      else await sleep(this.#pick(12));
    }
    closeSync(this.#fd);
  }

  /** The lines of some events; those of up to three are mixed, as several processors do. */
  #makeBurst(events: number): string[] {
    const lines: string[] = [];
    for (let left = events; left > 0; ) {
      const together = Math.min(left, this.#pick(4) === 0 ? 1 + this.#pick(3) : 1);
      const open = Array.from({ length: together }, () => this.#makeEvent());
      while (open.length > 0) {
        const at = this.#pick(open.length);
        const line = open[at]?.shift();
        if (line === undefined) open.splice(at, 1);
        else lines.push(line);
      }
      left -= together;
    }
    return lines;
  }

  #makeEvent(): string[] {
    const stamp = `${(Date.now() / 1_000).toFixed(3)}:${this.#serial++}`;
    const records = this.#events[this.#pick(kinds)] ?? [];
    return records.map(({ type, body }) => `type=${type} msg=audit(${stamp}): ${body}\n`);
  }

  /** Writes lines; one in eight comes in two pieces. */
  #write(lines: readonly string[]): void {
    for (const line of lines) {
      this.#checksum = (this.#checksum + crc32(Buffer.from(line, "latin1"))) >>> 0;
    }
    this.#lines += lines.length;
    const bytes = Buffer.from(lines.join(""), "latin1");
    const middle = this.#pick(8) === 0 ? this.#pick(bytes.length + 1) : bytes.length;
    for (const piece of [bytes.subarray(0, middle), bytes.subarray(middle)]) {
      for (let from = 0; from < piece.length; ) from += writeSync(this.#fd, piece, from);
    }
    this.#bytes += bytes.length;
    this.#fileBytes += bytes.length;
  }

  /** Source: auditd's rotate_logs, which leaves no log of that name for a moment. */
  async #rotate(): Promise<void> {
    if (this.#fileBytes === 0) return;
    fchmodSync(this.#fd, 0o444);
    closeSync(this.#fd);
    const last = Math.min(this.#rotations, this.#keep);
    for (let number = last; number >= 1; number--) {
      renameSync(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
    }
    renameSync(this.#path, `${this.#path}.1`);
    if (this.#pick(4) === 0) await sleep(this.#pick(10));
    this.#fd = openLog(this.#path);
    this.#fileBytes = 0;
    this.#rotations++;
  }

  #pick(below: number): number {
    return Math.floor(this.#random() * below);
  }
}

function openLog(path: string): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, 0o640);
  fchmodSync(fd, 0o644);
  return fd;
}

/** A generator of numbers from 0 to 1 that gives the same ones for a seed: xorshift. */
function createRandom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

async function main([path = "", keep = "0", seed = "1"]: readonly string[]): Promise<void> {
  const writer = new LogWriter(path, Number(keep), Number(seed));
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort());
  const tell = () => process.stdout.write(`${JSON.stringify(writer.totals)}\n`);
  const timer = setInterval(tell, 100);
  await writer.run(stop.signal);
  clearInterval(timer);
  tell();
}

void main(process.argv.slice(2));
