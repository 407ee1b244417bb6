import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { AgentBooks, type BatchFacts, type Range } from "#test/support/console/agent-books.ts";

/** A chain of batches with so many events each, numbered on, as a spool would seal it. */
function chainOf(counts: readonly number[]): readonly BatchFacts[] {
  const batches: BatchFacts[] = [];
  let documentsBefore = 0;
  let previousHash = "0".repeat(64);
  for (const [index, count] of counts.entries()) {
    const hash = createHash("sha256").update(`${previousHash}${count}`).digest("hex");
    const events = Array.from(
      { length: count },
      (_, n) => [`${documentsBefore + n}`, null] as const,
    );
    const range = { from: 0, to: count };
    const sequence = index + 1;
    batches.push({
      ...{ sequence, hash, previousHash, count, documentsBefore, range, events },
      isRefused: false,
    });
    documentsBefore += count;
    previousHash = hash;
  }
  return batches;
}

function pieceOf(batch: BatchFacts, range: Range, isRefused: boolean): BatchFacts {
  const events = isRefused ? [] : batch.events.slice(range.from, range.to);
  return { ...batch, range, events, isRefused };
}

/** How one batch comes: not at all, whole, in two pieces, or with the second of them refused. */
const arrival = fc.record({
  count: fc.integer({ min: 1, max: 20 }),
  how: fc.constantFrom("shed" as const, "whole" as const, "pieces" as const, "refused" as const),
  cut: fc.nat(19),
  repeats: fc.nat(2),
});
type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never;

function partsOf(batch: BatchFacts, { how, cut, count }: Arrival): readonly BatchFacts[] {
  if (how === "shed") return [];
  if (how === "whole") return [batch];
  const at = Math.min(cut, count);
  return [
    pieceOf(batch, { from: 0, to: at }, false),
    pieceOf(batch, { from: at, to: count }, how === "refused"),
  ].filter(({ range }) => range.to > range.from);
}

test("AgentBooks balance: what came, what was refused and what is missing is what was sealed", () => {
  fc.assert(
    fc.property(fc.array(arrival, { minLength: 1, maxLength: 30 }), (arrivals) => {
      const books = new AgentBooks();
      const chain = chainOf(arrivals.map(({ count }) => count));

      let sealed = 0;
      for (const [index, batch] of chain.entries()) {
        const each = arrivals[index];
        const parts = each === undefined ? [] : partsOf(batch, each);
        for (const part of parts) {
          assert.equal(books.judge(part), "new");
          books.take(part);
          const again = Array.from({ length: each?.repeats ?? 0 }, () => books.judge(part));
          assert.ok(again.every((verdict) => verdict === "known"));
        }
        if (parts.length > 0) sealed = batch.documentsBefore + batch.count;
        if (parts.length > 0) assert.equal(books.acceptedThrough, batch.sequence);
      }

      const { events, missingEvents, refusedEvents, repeatedEvents } = books.totals;
      assert.equal(events + missingEvents + refusedEvents, sealed);
      assert.equal(repeatedEvents, 0);
    }),
  );
});

test("AgentBooks know a batch whose hash, place or number of events was changed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2 }),
      fc.nat(),
      (counts, n) => {
        const chain = chainOf(counts);
        const known = chain.slice(0, 1 + (n % (chain.length - 1)));
        const next = chain[known.length];
        const books = new AgentBooks();
        for (const batch of known) books.take(batch);
        assert.ok(next);

        const verdicts = [
          { ...next, previousHash: "e".repeat(64) },
          { ...next, sequence: next.sequence - 1, hash: "e".repeat(64) },
          { ...next, documentsBefore: next.documentsBefore - 1 },
        ].map((batch) => books.judge(batch));

        assert.deepEqual(verdicts, ["broken", "broken", "broken"]);
        assert.equal(books.judge(next), "new");
      },
    ),
  );
});
