import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readCursor, writeCursor } from "#spool/cursor.ts";
import { listQuarantine, listSegments } from "#spool/layout.ts";
import { readerStart } from "#spool/place.ts";
import { Spool } from "#spool/spool.ts";
import { batchOf, nextBatch, smallSpool } from "#test/support/kill-loop.ts";
import { batchEnds, documentsIn, flipped, held, segmentPaths, spoolOf } from "./examples.ts";

const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const tiny = { ...smallSpool, segmentBytes: 1_000 };

test("R13 a spool with any byte of its newest segment flipped starts and gives what lies before", (t) => {
  const directory = spoolOf(t, 3, { segmentBytes: 16_000, fillerBytes: 60 });
  const [segment = ""] = segmentPaths(directory);
  const good = readFileSync(segment);
  const ends = batchEnds(segment);

  for (let offset = 0; offset < good.length; offset += 1) {
    writeFileSync(segment, flipped(good, offset));
    const spool = Spool.open({ directory, ...smallSpool });
    const whole = offset < 68 ? 0 : ends.filter((end) => end <= offset).length;
    assert.deepEqual(held(spool, 60), [0, 1, 2].slice(0, whole), `offset ${offset}`);
    const loss = spool.losses.corrupt_segment;
    assert.equal(loss?.first, String(whole + 1));
    assert.equal(loss.count + whole, spool.head.sequence);
    assert.equal(listQuarantine(directory).length, 1);
    spool.append(batchOf(9, 60));
    assert.deepEqual(held(spool, 60), [...[0, 1, 2].slice(0, whole), 9]);
    spool.close();
    rmSync(join(directory, "quarantine"), { recursive: true });
    for (const path of segmentPaths(directory)) rmSync(path);
  }
});

test("R13 a reader gives what lies before damage in an older segment, and what comes after the segment", (t) => {
  const directory = spoolOf(t, 9, { segmentBytes: 1_000, fillerBytes: 200 });
  const { path, first } = listSegments(directory)[1] ?? assert.fail();
  const next = listSegments(directory)[2] ?? assert.fail();
  const good = readFileSync(path);
  assert.ok(next.first - first >= 2, "a segment of some batches");
  const copy = `${directory}.copy`;

  for (let offset = 0; offset < good.length; offset += 7) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(directory, copy, { recursive: true, verbatimSymlinks: true });
    writeFileSync(path.replace(directory, copy), flipped(good, offset));
    const spool = Spool.open({ directory: copy, ...tiny });
    const reader = spool.reader();
    const batches = [...reader.batches(readerStart)];
    const sequences = batches.map(({ sequence }) => sequence);
    const before = sequences.filter((sequence) => sequence < next.first);
    assert.deepEqual(sequences, [...before, ...nine.slice(next.first - 1)], `offset ${offset}`);
    const losses = batches.at(-1)?.cursor.losses.corrupt_segment;
    assert.equal(losses?.first, String(before.length + 1));
    assert.equal(losses.last, String(next.first - 1));
    assert.equal(documentsIn(batches) + losses.events, spool.head.documents);
    assert.deepEqual(
      { ...spool.losses.corrupt_segment, bytes: 0 },
      { ...losses, bytes: 0 },
      "the writer counts the same",
    );
    assert.equal(listQuarantine(copy).length, 1);
    spool.close();
    const again = Spool.open({ directory: copy, ...tiny });
    assert.deepEqual(
      [...again.reader().batches()].map(({ sequence }) => sequence),
      sequences,
    );
    assert.equal(again.losses.corrupt_segment, undefined, "counted once");
    again.close();
  }
});

test("R13 a spool finds damage in the segment it writes to and goes on in another", (t) => {
  const directory = spoolOf(t, 0, {});
  const spool = Spool.open({ directory, ...smallSpool });
  for (let n = 0; n < 4; n += 1) spool.append(batchOf(n, 100));
  const [path = ""] = segmentPaths(directory);
  const [, , third = 0] = batchEnds(path);
  writeFileSync(path, flipped(readFileSync(path), third - 40));

  assert.deepEqual(held(spool, 100), [0, 1]);
  spool.append(batchOf(4, 100));

  assert.deepEqual(held(spool, 100), [0, 1, 4]);
  const { count, first, last } = spool.losses.corrupt_segment ?? assert.fail();
  assert.deepEqual({ count, first, last }, { count: 2, first: "3", last: "4" });
  spool.close();
});

test("R13 the quarantine keeps its limits", (t) => {
  const directory = spoolOf(t, 1, {});
  for (let round = 0; round < 40; round += 1) {
    const path = segmentPaths(directory).at(-1) ?? "";
    writeFileSync(path, flipped(readFileSync(path), statSync(path).size - 1));
    const spool = Spool.open({ directory, ...smallSpool });
    spool.append(batchOf(round, 3_000));
    assert.ok(spool.sizeBytes <= smallSpool.maxBytes);
    spool.close();
  }

  const bytes = listQuarantine(directory).reduce((sum, { path }) => sum + statSync(path).size, 0);
  assert.ok(bytes > 0 && bytes <= smallSpool.maxBytes / 8);
  assert.ok(listQuarantine(directory).length <= 16);
});

test("R14 a segment that is gone already is no fault for retention and readers", (t) => {
  const directory = spoolOf(t, 6, { segmentBytes: 1_000, fillerBytes: 400 });
  const spool = Spool.open({ directory, ...smallSpool, segmentBytes: 1_000 });
  const [first = "", second = ""] = segmentPaths(directory);
  const reading = spool.reader().batches(readerStart);
  reading.next();
  rmSync(first);
  rmSync(second);

  for (let n = 6; n < 20; n += 1) spool.append(batchOf(n));

  const batches = [...reading];
  assert.ok(batches.length > 0);
  const { losses, documents } = batches.at(-1)?.cursor ?? assert.fail();
  const lost = Object.values(losses).reduce((sum, { events }) => sum + events, 0);
  assert.equal(batchOf(0).count + documentsIn(batches) + lost, documents);
  spool.close();
});

const spoilt: Readonly<Record<string, (path: string) => void>> = {
  deleted: (path) => rmSync(path, { recursive: true }),
  "cut to nothing": (path) => truncateSync(path, 0),
  zeroed: (path) => writeFileSync(path, Buffer.alloc(statSync(path).size)),
  "full of noise": (path) => writeFileSync(path, Buffer.from("\u{1f4a5}{]".repeat(50))),
};

for (const [name, spoil] of Object.entries(spoilt)) {
  test(`R15 a spool whose cursor is ${name} starts, and its reader begins at the oldest`, (t) => {
    const directory = spoolOf(t, 5, {});
    const spool = Spool.open({ directory, ...smallSpool });
    for (const { cursor } of spool.reader().batches()) writeCursor(directory, "ship", cursor);
    spool.close();

    spoil(join(directory, "cursors/ship"));

    assert.equal(readCursor(directory, "ship"), undefined);
    const again = Spool.open({ directory, ...smallSpool });
    assert.equal(nextBatch(again), 5);
    assert.equal(again.append(batchOf(5)).sequence, 6);
    again.close();
  });

  test(`R15 a spool whose newest segment is ${name} uses no number twice`, (t) => {
    const directory = spoolOf(t, 5, { segmentBytes: 1_000, fillerBytes: 400 });
    const spool = Spool.open({ directory, ...smallSpool });
    for (const { cursor } of spool.reader().batches()) writeCursor(directory, "ship", cursor);
    const cursor = readCursor(directory, "ship") ?? assert.fail();
    assert.equal(cursor.sequence, 5);
    spool.close();

    spoil(segmentPaths(directory).at(-1) ?? "");

    const again = Spool.open({ directory, ...smallSpool });
    assert.ok(again.append(batchOf(7)).sequence > 5);
    const rest = [...again.reader().batches(cursor)];
    assert.deepEqual(
      rest.map(({ documents }) => Buffer.from(documents())),
      [batchOf(7).documents],
    );
    assert.deepEqual(rest[0]?.cursor.losses, {}, "the reader had all that was lost");
    again.close();
  });
}

test("R15 a spool that lost all segments goes on after its cursors", (t) => {
  const directory = spoolOf(t, 5, {});
  const spool = Spool.open({ directory, ...smallSpool });
  for (const { cursor } of spool.reader().batches()) writeCursor(directory, "ship", cursor);
  spool.close();
  for (const path of segmentPaths(directory)) rmSync(path);

  const again = Spool.open({ directory, ...smallSpool });

  assert.equal(again.note, undefined);
  assert.equal(again.append(batchOf(0)).sequence, 6);
  assert.equal([...again.reader().batches(readCursor(directory, "ship"))].length, 1);
  again.close();
});

test("R40 a spool sets aside a symbolic link in place of a segment and never follows it", (t) => {
  const directory = spoolOf(t, 4, { segmentBytes: 1_000, fillerBytes: 400 });
  const path = segmentPaths(directory).at(-1) ?? "";
  const elsewhere = `${directory}.elsewhere`;
  renameSync(path, elsewhere);
  symlinkSync(elsewhere, path);
  const before = readFileSync(elsewhere);

  const spool = Spool.open({ directory, ...smallSpool });
  spool.append(batchOf(4, 400));

  assert.deepEqual(held(spool, 400), [0, 1, 2, 4]);
  assert.deepEqual(readFileSync(elsewhere), before);
  assert.equal(spool.losses.corrupt_segment?.first, "4");
  spool.close();
});

test("R40 a reader passes over a directory in place of a segment", (t) => {
  const directory = spoolOf(t, 4, { segmentBytes: 1_000, fillerBytes: 400 });
  const [, path = ""] = segmentPaths(directory);
  rmSync(path);
  mkdirSync(path);

  const spool = Spool.open({ directory, ...smallSpool });

  assert.deepEqual(held(spool, 400), [0, 2, 3]);
  spool.close();
});
