import assert from "node:assert/strict";
import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import fc from "fast-check";
import { readCursor, writeCursor } from "#spool/cursor.ts";
import { listSegments } from "#spool/layout.ts";
import { origin } from "#spool/place.ts";
import { Spool } from "#spool/spool.ts";
import { batchOf, nextBatch, temporarySpool } from "#test/support/kill-loop.ts";
import { documentsIn, flipped } from "./examples.ts";

type Act =
  | { readonly kind: "append"; readonly fillerBytes: number }
  | { readonly kind: "reopen" }
  | { readonly kind: "ship" }
  | { readonly kind: "cut"; readonly segment: number; readonly at: number }
  | { readonly kind: "flip"; readonly segment: number; readonly at: number; readonly mask: number };

const place = {
  segment: fc.nat(5),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
};
const append = fc.record({ kind: fc.constant("append" as const), fillerBytes: fc.nat(3_000) });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: append },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("ship" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), ...place }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("flip" as const),
      ...place,
      mask: fc.integer({ min: 1, max: 255 }),
    }),
  },
);

/** What a spool must be able to account for, whatever befell it. */
class Model {
  readonly directory: string;
  /** Filler of each batch that was appended, by its sequence. */
  readonly #appended = new Map<number, { readonly n: number; readonly fillerBytes: number }>();
  #spool: Spool;
  #cursor = { ...origin, losses: {} };
  #shipped = 0;
  #isSound = true;

  constructor(directory: string) {
    this.directory = directory;
    this.#spool = this.#open();
  }

  do(act: Act): void {
    switch (act.kind) {
      case "append": {
        const n = this.#appended.size;
        const { sequence } = this.#spool.append(batchOf(n, act.fillerBytes));
        assert.ok(!this.#appended.has(sequence), "a number is used once");
        this.#appended.set(sequence, { n, fillerBytes: act.fillerBytes });
        break;
      }
      case "reopen":
        this.#reopen();
        break;
      case "ship":
        this.#ship();
        break;
      case "cut":
      case "flip":
        this.#harm(act);
        break;
      default:
        act satisfies never;
    }
  }

  /** Proves the end state: what can be read is true, and the rest is counted. */
  check(): void {
    this.#ship();
    this.#spool.append(batchOf(this.#appended.size, 10));
    const before = this.#cursor;
    this.#appended.set(this.#spool.head.sequence, { n: this.#appended.size, fillerBytes: 10 });
    this.#ship();
    assert.ok(this.#cursor.sequence > before.sequence, "the reader goes on");
    const lost = Object.values(this.#cursor.losses as Record<string, { events: number }>);
    const events = lost.reduce((sum, loss) => sum + loss.events, 0);
    assert.equal(this.#shipped + events, this.#spool.head.documents, "read + lost = appended");
    if (this.#isSound) assert.equal(events, 0);
    this.#spool.close();
  }

  #open(): Spool {
    const { directory } = this;
    return Spool.open({
      directory,
      maxBytes: 400_000,
      segmentBytes: 6_000,
      freeFloorBytes: 0,
      compressionLevel: 1,
    });
  }

  #reopen(): void {
    this.#spool.close();
    const { sequence } = this.#spool.head;
    this.#spool = this.#open();
    if (this.#isSound) assert.equal(this.#spool.head.sequence, sequence);
    assert.equal(nextBatch(this.#spool) > 0, this.#spool.note !== undefined);
  }

  #ship(): void {
    const start = this.#cursor;
    const batches = [...this.#spool.reader().batches(start)];
    for (const batch of batches) {
      const { n, fillerBytes } =
        this.#appended.get(batch.sequence) ?? assert.fail("never appended");
      assert.deepEqual(Buffer.from(batch.documents()), batchOf(n, fillerBytes).documents);
    }
    const last = batches.at(-1);
    if (last === undefined) return;
    this.#shipped += documentsIn(batches);
    this.#cursor = last.cursor;
    writeCursor(this.directory, "ship", last.cursor);
    assert.deepEqual(readCursor(this.directory, "ship"), last.cursor);
  }

  #harm(act: Extract<Act, { kind: "cut" | "flip" }>): void {
    const segments = listSegments(this.directory);
    const path = segments[act.segment % Math.max(1, segments.length)]?.path;
    if (path === undefined || statSync(path).size === 0) return;
    const offset = Math.floor(statSync(path).size * act.at);
    const { sequence } = this.#spool.head;
    this.#spool.close();
    if (act.kind === "cut") truncateSync(path, offset);
    else writeFileSync(path, flipped(readFileSync(path), offset, act.mask));
    this.#isSound = false;
    this.#spool = this.#open();
    const { head } = this.#spool;
    // A cut end looks like an append that never ended. Nobody had those batches: their numbers are free.
    if (act.kind === "flip") assert.ok(head.sequence >= sequence, "a flip frees no number");
    assert.ok(head.sequence >= this.#cursor.sequence, "what a reader had keeps its number");
    for (let gone = head.sequence + 1; gone <= sequence; gone += 1) this.#appended.delete(gone);
  }
}

test("Spool hands out what was appended or counts it, after any cut and any flip", async (context) => {
  let round = 0;
  const folder = temporarySpool(context);

  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), async (acts) => {
      round += 1;
      const directory = `${folder}.${round}`;
      const model = new Model(directory);
      for (const each of acts) model.do(each);
      model.check();
      await rm(directory, { recursive: true });
    }),
    { numRuns: 150 },
  );
});
