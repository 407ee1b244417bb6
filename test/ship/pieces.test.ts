import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pieces } from "#ship/pieces.ts";

test("Pieces go through one by one, but for exactly the events that are refused", () => {
  const counts = fc.integer({ min: 0, max: 200 });
  const property = fc.property(counts, fc.uniqueArray(fc.nat(199)), (count, poison) => {
    const pieces = new Pieces(count);
    const taken: number[] = [];

    for (let piece = pieces.first; piece !== undefined; piece = pieces.first) {
      const { from, to } = piece;
      assert.equal(pieces.isWhole, from === 0 && to === count);
      assert.equal(pieces.isOneEvent, to - from === 1);
      if (poison.some((at) => at >= from && at < to)) {
        pieces.refuse();
        continue;
      }
      for (let at = from; at < to; at++) taken.push(at);
      pieces.accept();
    }

    const refused = poison.filter((at) => at < count).toSorted((a, b) => a - b);
    const all = Array.from({ length: count }, (_, at) => at);
    assert.deepEqual(pieces.rejected, refused);
    assert.deepEqual(
      taken,
      all.filter((at) => !refused.includes(at)),
    );
  });

  fc.assert(property);
});
