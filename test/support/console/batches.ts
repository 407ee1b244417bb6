import { zstdCompressSync } from "node:zlib";
import type { SealedBatch } from "#spool/segment.ts";
import { Spool } from "#spool/spool.ts";

/** The id of the `n`th event of every test. */
export function idOf(n: number): string {
  return n.toString(16).padStart(32, "0");
}

/** Documents of events `from` to `to`, the end excluded, as NDJSON. */
export function documentsOf(from: number, to: number): Buffer {
  const lines = Array.from({ length: to - from }, (_, index) => {
    const n = from + index;
    return `${JSON.stringify({ event: { id: idOf(n), severity: n % 10 } })}\n`;
  });
  return Buffer.from(lines.join(""));
}

/** The body of a piece of a batch. */
export function bodyOf(from: number, to: number): Buffer {
  return zstdCompressSync(documentsOf(from, to));
}

/** Makes a spool with batches of so many events each, numbered on, and reads them back. */
export function spoolBatches(
  directory: string,
  counts: readonly number[],
  first = 0,
): readonly SealedBatch[] {
  const spool = Spool.open({
    directory,
    maxBytes: 64 * 1_048_576,
    segmentBytes: 1_048_576,
    freeFloorBytes: 0,
    compressionLevel: 1,
  });
  let n = first;
  for (const count of counts) {
    const note = Buffer.from("note");
    spool.append({ documents: documentsOf(n, n + count), count, note });
    n += count;
  }
  const batches = [...spool.reader().batches()];
  spool.close();
  return batches;
}
