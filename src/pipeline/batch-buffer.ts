import type { TimeRange } from "#spool/frame.ts";

/** How every document begins, and the length of its time: `2026-11-23T03:19:20.411Z`. */
const timeMember = Buffer.from('{"@timestamp":"');
const timeLength = 24;
const lineFeed = 0x0a;

/** Gathers the documents of the next batch in one piece of memory that is used again and again. */
export class BatchBuffer {
  #bytes = Buffer.allocUnsafe(1_048_576);
  #size = 0;
  #count = 0;

  get sizeBytes(): number {
    return this.#size;
  }

  /** Number of documents. */
  get count(): number {
    return this.#count;
  }

  add(documents: Uint8Array, count: number): void {
    const needed = this.#size + documents.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    this.#bytes.set(documents, this.#size);
    this.#size = needed;
    this.#count += count;
  }

  /** The documents as NDJSON, valid until the next change. */
  documents(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Times of the earliest and the latest document; `undefined` if there is one without a time. */
  timeRange(): TimeRange | undefined {
    const bytes = this.#bytes.subarray(0, this.#size);
    let [first, last] = [timeMember.length, timeMember.length];
    for (let from = 0; from < bytes.length; ) {
      const at = from + timeMember.length;
      if (at + timeLength > bytes.length) return undefined;
      if (bytes.compare(timeMember, 0, timeMember.length, from, at) !== 0) return undefined;
      if (compareTimes(bytes, at, first) < 0) first = at;
      if (compareTimes(bytes, at, last) > 0) last = at;
      const end = bytes.indexOf(lineFeed, at);
      if (end < 0) return undefined;
      from = end + 1;
    }
    const [firstMs, lastMs] = [readTimeMs(bytes, first), readTimeMs(bytes, last)];
    return Number.isNaN(firstMs + lastMs) ? undefined : { firstMs, lastMs };
  }

  clear(): void {
    this.#size = 0;
    this.#count = 0;
  }
}

/** Compares two times by their text, which sorts as they do. */
function compareTimes(bytes: Buffer, at: number, other: number): number {
  return bytes.compare(bytes, other, other + timeLength, at, at + timeLength);
}

function readTimeMs(bytes: Buffer, at: number): number {
  return Date.parse(bytes.toString("latin1", at, at + timeLength));
}
