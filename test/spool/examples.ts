import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { frameLength, parseFrameHeader, segmentHeaderLength } from "#spool/frame.ts";
import { listSegments } from "#spool/layout.ts";
import { Spool } from "#spool/spool.ts";
import { batchOf, smallSpool, temporarySpool } from "#test/support/kill-loop.ts";

/** Makes a closed spool that holds the first batches. */
export function spoolOf(
  context: TestContext,
  batches: number,
  options: { readonly segmentBytes?: number; readonly fillerBytes?: number } = {},
): string {
  const directory = temporarySpool(context);
  const { segmentBytes = smallSpool.segmentBytes, fillerBytes } = options;
  const spool = Spool.open({ directory, ...smallSpool, segmentBytes });
  for (let n = 0; n < batches; n += 1) spool.append(batchOf(n, fillerBytes));
  spool.close();
  return directory;
}

/** Paths of a spool's segments, oldest first. */
export function segmentPaths(directory: string): string[] {
  return listSegments(directory).map(({ path }) => path);
}

/** Numbers of the batches that a reader gets, each proven to be as it was written. */
export function held(spool: Spool, fillerBytes?: number): number[] {
  return [...spool.reader().batches()].map((batch) => {
    const documents = Buffer.from(batch.documents());
    const n = Number(/"batch":(\d+)/.exec(documents.toString())?.[1]);
    assert.deepEqual(documents, batchOf(n, fillerBytes).documents, `batch ${n} as written`);
    return n;
  });
}

/** Offsets in a segment at which its batches end. */
export function batchEnds(path: string): number[] {
  const bytes = readFileSync(path);
  const ends: number[] = [];
  for (let offset = segmentHeaderLength; offset < bytes.length; ) {
    const header = parseFrameHeader(bytes.subarray(offset)) ?? assert.fail("a whole segment");
    offset += frameLength(header);
    ends.push(offset);
  }
  return ends;
}

/** The bytes with one of them changed. */
export function flipped(bytes: Buffer, offset: number, mask = 0x40): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(offset) ^ mask, offset);
  return copy;
}

/** Documents of some batches together. */
export function documentsIn(batches: readonly { readonly count: number }[]): number {
  return batches.reduce((sum, { count }) => sum + count, 0);
}
