import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { writeCursor } from "#spool/cursor.ts";
import { renderSegmentHeader, sealBatch } from "#spool/frame.ts";
import { listSegments } from "#spool/layout.ts";
import { origin } from "#spool/place.ts";
import { Spool } from "#spool/spool.ts";
import { verifySpool } from "#spool/verify.ts";
import { batchOf, smallSpool, temporarySpool } from "#test/support/kill-loop.ts";
import { batchEnds, flipped, segmentPaths, spoolOf } from "./examples.ts";

const options = { segmentBytes: 2_000, fillerBytes: 400 };

test("verifySpool() finds a whole chain whole, also after retention took its beginning", (context) => {
  const directory = spoolOf(context, 30);

  const { broken, batches, from, to, missingBatches, tornBytes } = verifySpool(directory);

  assert.equal(broken, undefined);
  assert.ok((from?.sequence ?? 0) > 0);
  assert.equal(to?.sequence, 30);
  assert.equal(batches, 30 - (from?.sequence ?? 0));
  assert.equal(missingBatches, 0);
  assert.equal(tornBytes, 0);
});

test("verifySpool() reports the batch of any byte that was edited", (context) => {
  const directory = spoolOf(context, 9, options);
  const [, path = ""] = segmentPaths(directory);
  const good = readFileSync(path);
  const ends = batchEnds(path);
  const first = listSegments(directory)[1]?.first ?? 0;

  for (let offset = 0; offset < good.length; offset += 5) {
    writeFileSync(path, flipped(good, offset));
    const { broken } = verifySpool(directory);
    const index = offset < 68 ? 0 : ends.findIndex((end) => end > offset);
    assert.equal(broken?.path, path, `offset ${offset}`);
    assert.equal(broken.sequence, first + index, `offset ${offset}`);
  }
});

test("verifySpool() reports batches that were edited and sealed anew", (context) => {
  const directory = spoolOf(context, 9, options);
  const [path = "", next] = segmentPaths(directory);
  const [end = 0] = batchEnds(path);
  const first = readFileSync(path).subarray(0, end);
  let before = { sequence: 1, documents: 1, hash: first.toString("hex", end - 32) };
  const forged: Buffer[] = [first];
  for (let n = 1; n + 1 < (listSegments(directory)[1]?.first ?? 0); n += 1) {
    const { frame, after } = sealBatch(batchOf(n, 399), before, 1);
    forged.push(frame);
    before = after;
  }
  writeFileSync(path, Buffer.concat(forged));

  const { broken } = verifySpool(directory);

  assert.deepEqual([broken?.kind, broken?.path], ["edited", next]);
});

test("verifySpool() reports a segment cut short, a segment gone, and segments swapped", (context) => {
  const directory = spoolOf(context, 12, options);
  const [, second = "", third = "", fourth = ""] = segmentPaths(directory);
  const [ends, good] = [batchEnds(second), readFileSync(second)];

  truncateSync(second, statSync(second).size - 1);
  assert.deepEqual(pick(directory), { kind: "cut", path: second });
  truncateSync(second, ends.at(-2));
  assert.deepEqual(pick(directory), { kind: "missing", path: third });
  rmSync(second);
  assert.deepEqual(pick(directory), { kind: "missing", path: third });
  copyFileSync(third, second);
  assert.equal(pick(directory)?.path, second);
  writeFileSync(second, good);
  const frames = [
    good.subarray(0, 68),
    good.subarray(ends[0], ends[1]),
    good.subarray(68, ends[0]),
  ];
  writeFileSync(second, Buffer.concat([...frames, good.subarray(ends[1])]));
  assert.deepEqual(pick(directory), { kind: "reordered", path: second });
  writeFileSync(second, good);
  assert.equal(pick(directory), undefined);
  assert.ok(fourth !== "");
});

test("verifySpool() reports an end cut off that a reader had seen", (context) => {
  const directory = spoolOf(context, 3);
  const spool = Spool.open({ directory, ...smallSpool });
  for (const { cursor } of spool.reader().batches()) writeCursor(directory, "ship", cursor);
  spool.close();
  const path = segmentPaths(directory).at(-1) ?? "";

  truncateSync(path, batchEnds(path).at(-2) ?? 68);

  assert.equal(verifySpool(directory).broken?.kind, "cut");
});

test("verifySpool() takes a torn end for no break", (context) => {
  const directory = spoolOf(context, 3);
  const path = segmentPaths(directory).at(-1) ?? "";
  truncateSync(path, statSync(path).size - 10);

  const { broken, tornBytes } = verifySpool(directory);

  assert.equal(broken, undefined);
  assert.ok(tornBytes > 0);
});

test("verifySpool() tells a gap that the writer knew of from one it did not", (context) => {
  const directory = temporarySpool(context);
  const spool = Spool.open({ directory, ...smallSpool });
  const place = spool.append(batchOf(0));
  spool.close();
  const known = { ...place, sequence: 7, documents: 20 };
  const { frame } = sealBatch(batchOf(1), known, 1);
  const path = `${directory}/${"8".padStart(20, "0")}.spool`;
  writeFileSync(path, Buffer.concat([renderSegmentHeader(known), frame]));

  assert.equal(verifySpool(directory).missingBatches, 6);
  assert.equal(verifySpool(directory).broken, undefined);
  writeFileSync(path, Buffer.concat([renderSegmentHeader({ ...known, hash: origin.hash }), frame]));
  assert.equal(verifySpool(directory).broken?.kind, "missing");
});

function pick(directory: string) {
  const { broken } = verifySpool(directory);
  return broken && { kind: broken.kind, path: broken.path };
}
