import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backoffMs, parseRetryAfter } from "#ship/backoff.ts";

const clients = 10_000;
const spreadMs = 120_000;
const nowMs = Date.parse("2026-11-23T12:00:00Z");

for (const outageS of [2, 20, 60, 120, 300, 600, 3_600]) {
  test(`backoffMs() brings ${clients} agents back without a herd after ${outageS} s (R18)`, (context) => {
    const random = minimalStandard(outageS);
    const arrivals = new Map<number, number>();
    let lastS = 0;

    for (let client = 0; client < clients; client++) {
      let atS = 0;
      do atS += backoffMs(random(), spreadMs) / 1_000;
      while (atS < outageS);
      const second = Math.floor(atS - outageS);
      arrivals.set(second, (arrivals.get(second) ?? 0) + 1);
      lastS = Math.max(lastS, atS - outageS);
    }

    const share = Math.max(...arrivals.values()) / (clients / lastS);
    context.diagnostic(`peak is ${share.toFixed(2)} times the mean`);
    assert.ok(share < 3);
  });
}

/** Chances that are the same at every run: of true ones, one run in forty has a second beyond the bound. */
function minimalStandard(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test("backoffMs() is a second at least and never more than the spread besides", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3_600_000), (random, spread) => {
      const waitMs = backoffMs(random, spread);

      assert.ok(waitMs >= 1_000 && waitMs <= 1_000 + spread);
    }),
  );
});

test("parseRetryAfter() takes seconds and dates, within a second and an hour (R19)", () => {
  const forms = {
    "10": 10_000,
    "0": 1_000,
    "315360000": 3_600_000,
    "Mon, 23 Nov 2026 12:00:30 GMT": 30_000,
    "Mon, 23 Nov 2026 11:00:00 GMT": 1_000,
    "Mon, 23 Nov 2036 12:00:00 GMT": 3_600_000,
  };

  for (const [text, waitMs] of Object.entries(forms)) {
    assert.equal(parseRetryAfter(text, nowMs), waitMs, text);
  }
});

test("parseRetryAfter() leaves anything else to our own wait (R19)", () => {
  for (const text of ["", "-1", "junk", "1e3", "10s", " 10", "Xxx, 99 Yyy 2026 12:00:00 GMT", 7]) {
    assert.equal(parseRetryAfter(text, nowMs), undefined, String(text));
  }
});

test("parseRetryAfter() gives a wait within bounds, or none, for any text (R19)", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer(), (text, timeMs) => {
      const waitMs = parseRetryAfter(text, timeMs);

      assert.ok(waitMs === undefined || (waitMs >= 1_000 && waitMs <= 3_600_000));
    }),
  );
});
