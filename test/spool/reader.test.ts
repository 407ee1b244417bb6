import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { readCursor, writeCursor } from "#spool/cursor.ts";
import { origin, readerStart } from "#spool/place.ts";
import { SpoolReader } from "#spool/reader.ts";
import { Spool } from "#spool/spool.ts";
import { Walk } from "#spool/walk.ts";
import { batchOf, smallSpool, temporarySpool } from "#test/support/kill-loop.ts";
import { documentsIn, segmentPaths, spoolOf } from "./examples.ts";

test("SpoolReader reads on after any cursor", (context) => {
  const directory = spoolOf(context, 8);
  const reader = SpoolReader.open({ directory });
  const all = [...reader.batches()];

  for (const [index, { cursor }] of all.entries()) {
    const rest = [...reader.batches(cursor)].map(({ sequence }) => sequence);
    assert.deepEqual(
      rest,
      all.slice(index + 1).map(({ sequence }) => sequence),
    );
  }
});

test("SpoolReader from the newest batch gets only what comes after", async (context) => {
  const directory = spoolOf(context, 5);
  const reader = SpoolReader.open({ directory });
  const batches = reader.batches("newest");

  assert.equal(batches.next().value, undefined);
  const later = SpoolReader.open({ directory }).follow("newest", {
    signal: AbortSignal.timeout(10_000),
    pollMs: 20,
  });
  const next = later.next();
  const spool = Spool.open({ directory, ...smallSpool });
  spool.append(batchOf(5));

  assert.equal((await next).value?.sequence, 6);
  await later.return(undefined);
  spool.close();
});

test("A reader that sees a segment while it is made, or made once more, gets all that is in it", (context) => {
  const directory = spoolOf(context, 1);
  const [path = ""] = segmentPaths(directory);
  const bytes = readFileSync(path);
  for (const made of [0, 40, 68, 150]) {
    const options = { directory, from: undefined, committed: undefined, onDamage: undefined };
    for (const isMadeAnew of [false, true]) {
      writeFileSync(path, bytes.subarray(0, made));
      const walk = new Walk(options);

      const early = walk.next();
      if (isMadeAnew) rmSync(path);
      writeFileSync(path, bytes);
      const batch = walk.next();
      walk.close();

      assert.equal(early, undefined);
      assert.equal(batch?.sequence, 1, `made to byte ${made}, anew: ${isMadeAnew}`);
    }
  }
});

test("SpoolReader behind the oldest batch counts exactly what it missed", (context) => {
  const directory = spoolOf(context, 40);

  const batches = [...SpoolReader.open({ directory }).batches(readerStart)];

  const first = batches[0] ?? assert.fail();
  const { losses, documents } = batches.at(-1)?.cursor ?? assert.fail();
  assert.deepEqual(losses.spool_full, {
    count: first.sequence - 1,
    events: first.before.documents,
    bytes: 0,
    first: "1",
    last: String(first.sequence - 1),
  });
  assert.equal(documentsIn(batches) + (losses.spool_full?.events ?? 0), documents);
});

test("SpoolReader ahead of a spool that began anew misses nothing new", async (context) => {
  const directory = spoolOf(context, 3);
  const reader = SpoolReader.open({ directory });
  const ahead = { sequence: 90, hash: origin.hash, documents: 500, losses: {} };
  const batches = reader.follow(ahead, { signal: AbortSignal.timeout(10_000), pollMs: 20 });
  const next = batches.next();

  const spool = Spool.open({ directory, ...smallSpool });
  spool.append(batchOf(3));

  const { value } = await next;
  assert.equal(value?.sequence, 4);
  assert.deepEqual(value?.cursor.losses, {});
  await batches.return(undefined);
  spool.close();
});

test("Spool numbers its next batch after a cursor that is ahead of it", (context) => {
  const directory = spoolOf(context, 3);
  const ahead = { sequence: 90, hash: "ab".repeat(32), documents: 500, losses: {} };
  writeCursor(directory, "ship", ahead);

  const spool = Spool.open({ directory, ...smallSpool });

  assert.deepEqual(spool.append(batchOf(3)).sequence, 91);
  const [batch] = [...spool.reader().batches(readCursor(directory, "ship"))];
  assert.equal(batch?.sequence, 91);
  assert.deepEqual(batch?.cursor.losses, {});
  spool.close();
});

test("SpoolReader ends to follow when it is told to, also while it waits", async (context) => {
  const directory = spoolOf(context, 2);
  const stop = new AbortController();
  let seen = 0;

  for await (const { sequence } of SpoolReader.open({ directory }).follow("oldest", stop)) {
    seen = sequence;
    if (sequence === 2) setImmediate(() => stop.abort());
  }

  assert.equal(seen, 2);
});

test("SpoolReader outlives the spool's directory", async (context) => {
  const directory = spoolOf(context, 2);
  const reader = SpoolReader.open({ directory });
  const stop = AbortSignal.timeout(10_000);
  const following = reader.follow("oldest", { signal: stop, pollMs: 10 });
  await following.next();
  await following.next();
  for (const path of segmentPaths(directory)) rmSync(path);
  const next = following.next();

  const spool = Spool.open({ directory, ...smallSpool });
  spool.append(batchOf(0));
  spool.append(batchOf(1));
  spool.append(batchOf(2));

  assert.equal((await next).value?.sequence, 3);
  await following.return(undefined);
  spool.close();
});

test("SpoolReader.open() says that there is no spool", (context) => {
  const directory = temporarySpool(context);

  assert.throws(() => SpoolReader.open({ directory }), {
    code: "spool.unusable",
    message: /ENOENT/,
  });
  mkdirSync(directory);
  assert.deepEqual([...SpoolReader.open({ directory }).batches("newest")], []);
});

test("writeCursor() refuses a name that is none", (context) => {
  const directory = spoolOf(context, 1);

  for (const name of ["", "../ship", "a/b", ".tmp", "Ship"]) {
    assert.throws(() => writeCursor(directory, name, readerStart), RangeError);
  }
});
