import assert from "node:assert/strict";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { Failure } from "#base/failure.ts";
import { readCursor, writeCursor } from "#spool/cursor.ts";
import { listSegments } from "#spool/layout.ts";
import { readerStart } from "#spool/place.ts";
import { SpoolReader } from "#spool/reader.ts";
import { Spool } from "#spool/spool.ts";
import { batchOf, nextBatch, smallSpool, temporarySpool } from "#test/support/kill-loop.ts";
import { held, segmentPaths, spoolOf } from "./examples.ts";

test("Spool gives back batches, hashes and the newest note after it was closed", (context) => {
  const directory = temporarySpool(context);
  const spool = Spool.open({ directory, ...smallSpool });
  const places = [0, 1, 2].map((n) => spool.append(batchOf(n)));
  spool.close();

  const again = Spool.open({ directory, ...smallSpool });

  assert.deepEqual(held(again), [0, 1, 2]);
  assert.deepEqual(
    [...again.reader().batches()].map(({ after }) => after),
    places,
  );
  assert.equal(nextBatch(again), 3);
  assert.deepEqual(again.head, places.at(-1));
  again.close();
});

test("Spool keeps the times of a batch and a batch without documents", (context) => {
  const spool = Spool.open({ directory: temporarySpool(context), ...smallSpool });
  const timeRange = { firstMs: 1_364_481_363_243, lastMs: 1_364_481_363_244 };

  spool.append({ ...batchOf(0), timeRange });
  spool.append({ documents: Buffer.alloc(0), count: 0, note: Buffer.alloc(0) });

  const [first, second] = [...spool.reader().batches()];
  assert.deepEqual(first?.timeRange, timeRange);
  assert.equal(second?.timeRange, undefined);
  assert.equal(second?.documents().length, 0);
  assert.equal(spool.note?.length, 0);
  spool.close();
});

test("Spool keeps its byte budget and counts what the slowest reader had not read", (context) => {
  const directory = temporarySpool(context);
  const spool = Spool.open({ directory, ...smallSpool });
  spool.append(batchOf(0));
  const [first] = [...spool.reader().batches()];
  writeCursor(directory, "ship", first?.cursor ?? assert.fail());
  writeCursor(directory, "archive", readerStart);

  for (let n = 1; n < 60; n += 1) {
    spool.append(batchOf(n));
    assert.ok(spool.sizeBytes <= smallSpool.maxBytes, `batch ${n}`);
  }

  const [oldest] = listSegments(directory);
  const loss = spool.losses.spool_full ?? assert.fail();
  assert.equal(loss.first, "1");
  assert.equal(loss.last, String((oldest?.first ?? 0) - 1));
  for (const name of ["ship", "archive"]) {
    const cursor = readCursor(directory, name) ?? assert.fail();
    const [next] = [...spool.reader().batches(cursor)];
    const mine = next?.cursor.losses.spool_full ?? assert.fail();
    assert.equal(mine.first, String(cursor.sequence + 1));
    assert.equal(mine.last, loss.last);
    assert.equal(mine.events, (next?.before.documents ?? 0) - cursor.documents);
    if (name === "archive") assert.equal(loss.events, mine.events);
  }
  spool.close();
});

test("Spool counts nothing as lost that every reader had, or that no reader waits for", (context) => {
  const spool = Spool.open({ directory: temporarySpool(context), ...smallSpool });

  for (let n = 0; n < 40; n += 1) spool.append(batchOf(n));

  assert.deepEqual(spool.losses, {});
  spool.close();
});

test("Spool counts what an expected reader lacks, and after it came what it has not read", (context) => {
  const directory = temporarySpool(context);
  const spool = Spool.open({ directory, ...smallSpool, expectedReader: "ship" });
  for (let n = 0; n < 40; n += 1) spool.append(batchOf(n));
  const { before } = [...spool.reader().batches()][0] ?? assert.fail();

  assert.equal(spool.losses.spool_full?.last, String(before.sequence));
  assert.equal(spool.losses.spool_full?.events, before.documents);
  assert.ok(spool.unreadShare(0.5) > 0.5);
  for (const { cursor } of spool.reader().batches()) spool.advance("ship", cursor);
  assert.ok(spool.unreadShare(0.5) < 0.25, "the newest segment alone");
  spool.close();
});

test("Spool below the floor of free space removes what all have read, and else refuses", (context) => {
  const directory = spoolOf(context, 6);
  const spool = Spool.open({ directory, ...smallSpool, freeFloorBytes: 2 ** 60 });
  writeCursor(directory, "ship", readerStart);
  const segments = segmentPaths(directory);

  assert.throws(() => spool.append(batchOf(6)), { code: "spool.unusable", message: /ENOSPC/ });
  assert.deepEqual(segmentPaths(directory), segments);
  for (const { cursor } of spool.reader().batches()) writeCursor(directory, "ship", cursor);
  assert.throws(() => spool.append(batchOf(6)), { code: "spool.unusable", message: /ENOSPC/ });

  assert.deepEqual(segmentPaths(directory), segments.slice(-1));
  assert.deepEqual(spool.losses, {});
  spool.close();
});

test("Spool takes a batch beyond its bounds for a bug of the caller", (context) => {
  const spool = Spool.open({ directory: temporarySpool(context), ...smallSpool });

  assert.throws(() => spool.append(batchOf(0, 40_000)), RangeError);

  assert.equal(spool.append(batchOf(0)).sequence, 1);
  spool.close();
});

test("R35 Spool refuses segments of a newer format and leaves them as they are", (context) => {
  const directory = spoolOf(context, 2);
  const [path = ""] = segmentPaths(directory);
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(2, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 64)), 64);
  writeFileSync(path, bytes);

  assert.throws(() => Spool.open({ directory, ...smallSpool }), {
    code: "spool.unusable",
    message: /format version is "2"/,
  });
  assert.deepEqual(readFileSync(path), bytes);
  assert.throws(() => Spool.open({ directory, ...smallSpool }), { code: "spool.unusable" });
});

test("R40 Spool whose directory was deleted makes a new one and goes on with the next number", (context) => {
  const directory = temporarySpool(context);
  const spool = Spool.open({ directory, ...smallSpool });
  spool.append(batchOf(0));
  rmSync(directory, { recursive: true });

  const { sequence } = spool.append(batchOf(1));

  assert.equal(sequence, 2);
  assert.deepEqual(held(spool), [1]);
  const { count, events, first } = spool.losses.corrupt_segment ?? assert.fail();
  assert.deepEqual({ count, events, first }, { count: 1, events: 1, first: "1" });
  assert.throws(() => Spool.open({ directory, ...smallSpool }), { code: "spool.locked" });
  spool.close();
});

test("R40 Spool whose newest segment was deleted goes on in another", (context) => {
  const directory = temporarySpool(context);
  const spool = Spool.open({ directory, ...smallSpool });
  spool.append(batchOf(0));
  for (const path of segmentPaths(directory)) rmSync(path);

  spool.append(batchOf(1));

  assert.deepEqual(held(spool), [1]);
  spool.close();
});

test("R40 Spool never writes through a symbolic link in place of its directory", (context) => {
  const directory = temporarySpool(context);
  const spool = Spool.open({ directory, ...smallSpool });
  spool.append(batchOf(0));
  const elsewhere = `${directory}.elsewhere`;
  renameSync(directory, elsewhere);
  symlinkSync(elsewhere, directory);
  const before = readdirSync(elsewhere).map((name) => [name, sizeIn(elsewhere, name)]);

  assert.throws(() => spool.append(batchOf(1)), { code: "spool.unusable", message: /ENOTDIR/ });
  assert.deepEqual(
    readdirSync(elsewhere).map((name) => [name, sizeIn(elsewhere, name)]),
    before,
  );
  assert.throws(() => Spool.open({ directory, ...smallSpool }), { message: /ENOTDIR/ });
  rmSync(directory);
  renameSync(elsewhere, directory);
  assert.equal(spool.append(batchOf(1)).sequence, 2);
  spool.close();
});

test("R40 Spool never writes through a symbolic link in place of its folder of cursors", (context) => {
  const directory = spoolOf(context, 1);
  const elsewhere = `${directory}.elsewhere`;
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(directory, "cursors"));

  assert.throws(() => writeCursor(directory, "ship", readerStart), Failure);

  assert.deepEqual(readdirSync(elsewhere), []);
});

test("R36 Spool of another process can be read while it is written to", async (context) => {
  const directory = temporarySpool(context);
  const spool = Spool.open({ directory, ...smallSpool });
  spool.append(batchOf(0));
  const reader = SpoolReader.open({ directory });
  const stop = new AbortController();
  const following = reader.follow("oldest", { signal: stop.signal, pollMs: 50 });

  const seen: number[] = [];
  for await (const { sequence } of following) {
    seen.push(sequence);
    if (sequence === 12) stop.abort();
    else if (sequence === spool.head.sequence) spool.append(batchOf(sequence));
  }

  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  spool.close();
});

function sizeIn(directory: string, name: string): string {
  return name.startsWith("lock") || name === "cursors"
    ? ""
    : readFileSync(join(directory, name)).toString("hex");
}
