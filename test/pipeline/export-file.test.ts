import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { Failure } from "#base/failure.ts";
import { listUndelivered, readCarried } from "#pipeline/delivery-by-hand.ts";
import { renderExport } from "#ship/export-file.ts";
import type { Identity } from "#ship/identity.ts";
import { startConsole } from "#test/support/console/console.ts";
import { Delivering, enrolled } from "#test/support/delivering.ts";

const batches = 4;

let folder = "";
/** The pieces of an export: its head, then line and body of each batch, then its end. */
let pieces: readonly Buffer[] = [];
let other: Identity;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "export-file-"));
  const console = await startConsole({ folder: join(folder, "console") });
  const identity = await enrolled(console);
  other = await enrolled(console);
  await console.stop();
  await using delivering = new Delivering(folder, identity);
  for (let batch = 0; batch < batches; batch++) delivering.append(3);
  pieces = exportBy(identity);
});
after(() => rmSync(folder, { recursive: true }));

function exportBy(identity: Identity): readonly Buffer[] {
  const undelivered = listUndelivered(join(folder, "spool"));
  return [...renderExport(identity, undelivered, 0)].map((piece) => Buffer.from(piece));
}

/** Reads a file to its end; gives the numbers of its batches, or what is wrong with it. */
function read(bytes: Uint8Array): readonly number[] | Failure {
  const file = join(folder, "carried");
  writeFileSync(file, bytes);
  const fd = openSync(file, "r");
  try {
    return [...readCarried(fd)].map(({ sequence }) => sequence);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  } finally {
    closeSync(fd);
  }
}

function assertDamaged(bytes: Uint8Array, what: string): void {
  const said = read(bytes);
  assert.ok(said instanceof Failure, `${what} is not noticed`);
  assert.equal(said.code, "source.damaged", what);
  assert.match(said.message, /^Cannot import the file: [^\n]+: [^\n]+$/);
}

test("readCarried() gives the batches of a file that is as it was written", () => {
  assert.deepEqual(read(Buffer.concat(pieces)), [1, 2, 3, 4]);
});

test("readCarried() notices any byte that was changed", () => {
  const whole = Buffer.concat(pieces);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ change;
      assertDamaged(bytes, `Byte ${at} changed by ${change}`);
    }),
    { numRuns: 1_000 },
  );
});

test("readCarried() notices where a file was cut", () => {
  const whole = Buffer.concat(pieces);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), (end) =>
      assertDamaged(whole.subarray(0, end), `A cut at ${end}`),
    ),
    { numRuns: 200 },
  );
});

test("readCarried() notices batches that are missing, doubled, in another order or of another host", () => {
  const [head = Buffer.alloc(0), ...rest] = pieces;
  const end = rest.pop() ?? Buffer.alloc(0);
  const batch = (number: number) => rest.slice(2 * number - 2, 2 * number);
  const stranger = exportBy(other);
  const hostile: Readonly<Record<string, readonly Buffer[]>> = {
    "The first batch left out": [head, ...batch(2), ...batch(3), ...batch(4), end],
    "One in the middle left out": [head, ...batch(1), ...batch(2), ...batch(4), end],
    "The last left out": [head, ...batch(1), ...batch(2), ...batch(3), end],
    "One twice": [head, ...batch(1), ...batch(1), ...batch(2), ...batch(3), ...batch(4), end],
    "Two exchanged": [head, ...batch(2), ...batch(1), ...batch(3), ...batch(4), end],
    "Something appended": [...pieces, Buffer.from("\n")],
    "Another file appended": [...pieces, ...pieces],
    "Batches of another host": [head, ...stranger.slice(1)],
    "Another host's name on it": [stranger[0] ?? end, ...rest, end],
    "No batches": [head, end],
    Nothing: [],
    "A long line": [head, Buffer.alloc(100_000, "a"), end],
  };

  for (const [what, parts] of Object.entries(hostile)) assertDamaged(Buffer.concat(parts), what);
});

test("readCarried() takes no harm from any bytes behind a good beginning", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(pieces.length - 2), (bytes, kept) => {
      assertDamaged(Buffer.concat([...pieces.slice(0, kept), bytes]), "Rubbish");
    }),
  );
});
