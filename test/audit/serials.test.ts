import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type SerialCount, SerialTracker } from "#audit/serials.ts";

/** How far serials may come out of order. */
const window = 512;

test("SerialTracker finds nothing lost where serials count up", () => {
  assert.equal(lostAfter([range(7, 2_000)]), 0);
});

test("SerialTracker waits for a serial that comes late, as long as it is in the window", () => {
  assert.equal(lostAfter([[1, 3, 2], range(4, 2_000)]), 0);
  assert.equal(lostAfter([[1], range(3, window + 2), [2], range(window + 3, 2_000)]), 0);
});

test("SerialTracker counts a gap once the window has passed, with the stamps before and after", () => {
  const tracker = new SerialTracker();
  for (const serial of [...range(1, 10), ...range(14, 14 + window - 3)]) see(tracker, serial);
  assert.equal(tracker.lost(), undefined);

  for (const serial of range(14 + window - 2, 20 + window)) see(tracker, serial);

  assert.deepEqual(tracker.lost(), {
    count: 3,
    events: 3,
    bytes: 0,
    first: textOf(10),
    last: textOf(10),
  });
});

test("SerialTracker names the first and the last gap", () => {
  const tracker = new SerialTracker();
  for (const serial of [1, 3, ...range(5, 2_000)]) see(tracker, serial);

  const lost = tracker.lost();

  assert.deepEqual([lost?.events, lost?.first, lost?.last], [2, textOf(1), textOf(3)]);
});

test("SerialTracker counts a gap wider than the window at once", () => {
  assert.equal(lostAfter([[1], [1 + 10_000]]), 9_999 - window);
  assert.equal(lostAfter([[1], range(10_001, 12_000)]), 9_999);
});

test("SerialTracker goes on over the wrap of serial numbers", () => {
  assert.equal(lostAfter([range(2 ** 32 - 5, 2 ** 32 - 1), range(0, 2_000)]), 0);
});

test("SerialTracker waits for serials that come late around the wrap", () => {
  assert.equal(lostAfter([[2 ** 32 - 3, 2 ** 32 - 2, 0, 1, 2 ** 32 - 1], range(2, 2_000)]), 0);
});

test("SerialTracker counts a gap over the wrap", () => {
  assert.equal(lostAfter([range(2 ** 32 - 20, 2 ** 32 - 3), range(2, 2_000)]), 4);
});

test("SerialTracker takes a long way back as a new count", () => {
  assert.equal(lostAfter([range(2 ** 25, 2 ** 25 + 600), range(1, 2_000)]), 0);
});

test("SerialTracker takes a short way back as a new count once two serials say so", () => {
  assert.equal(lostAfter([range(1, 5_000), range(1, 100), [102], range(104, 2_000)]), 2);
});

test("SerialTracker is not led astray by one serial from long ago, nor by one from far ahead", () => {
  assert.equal(lostAfter([range(5_000, 6_000), [7], range(6_001, 9_000)]), 0);
  assert.equal(lostAfter([range(5_000, 6_000), [3_000_000_000], range(6_001, 9_000)]), 0);
});

test("SerialTracker follows each node's serials by themselves", () => {
  const tracker = new SerialTracker();

  for (const serial of range(1, 2_000)) {
    see(tracker, serial, "a");
    if (serial !== 100) see(tracker, serial + 1_000_000, "b");
  }

  assert.equal(tracker.lost()?.events, 1);
});

test("SerialTracker follows at most 64 nodes", () => {
  const tracker = new SerialTracker();

  for (const node of range(1, 10_000)) see(tracker, 1, String(node));

  assert.equal(tracker.state().length, 64);
});

test("SerialTracker counts what is missing when a count ends", () => {
  const tracker = new SerialTracker();
  for (const serial of [1, 3]) see(tracker, serial);

  tracker.restart();
  see(tracker, 1_000_000);

  assert.equal(tracker.lost()?.events, 1);
});

test("SerialTracker goes on where another one was", () => {
  const events = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 400, size: "max" });
  fc.assert(
    fc.property(events, fc.nat({ max: 400 }), (steps, at) => {
      const serials = steps.map((stepped) => stepped * 20);
      const whole = new SerialTracker();
      const first = new SerialTracker();
      const second = new SerialTracker();

      for (const serial of serials) see(whole, serial);
      for (const serial of serials.slice(0, at)) see(first, serial);
      second.restore(JSON.parse(JSON.stringify(first.state())) as SerialCount[]);
      for (const serial of serials.slice(at)) see(second, serial);

      const lost = [first, second].reduce((sum, each) => sum + (each.lost()?.events ?? 0), 0);
      assert.equal(lost, whole.lost()?.events ?? 0);
      assert.deepEqual(second.state(), whole.state());
    }),
  );
});

test("SerialTracker counts exactly what is missing from any order within the window", () => {
  const arrival = fc.record({
    missing: fc.uniqueArray(fc.integer({ min: 2, max: 999 }), { maxLength: 200, size: "max" }),
    delays: fc.array(fc.nat({ max: 400 }), { minLength: 1_000, maxLength: 1_000 }),
    base: fc.constantFrom(0, 5_000_000, 2 ** 32 - 700),
  });
  fc.assert(
    fc.property(arrival, ({ missing, delays, base }) => {
      const serials = range(1, 1_000)
        .filter((serial) => !missing.includes(serial))
        .map((serial) => ({ serial, at: serial + (serial > 1 ? (delays[serial - 1] ?? 0) : 0) }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ serial }) => (base + serial) % 2 ** 32);
      const end = range(1_001, 3_000).map((serial) => (base + serial) % 2 ** 32);

      assert.equal(lostAfter([serials, end]), missing.length);
    }),
    { numRuns: 100 },
  );
});

test("SerialTracker goes on where another one was at the begin of a new count", () => {
  const first = new SerialTracker();
  const second = new SerialTracker();
  for (const serial of [...range(5_000, 5_100), 7]) see(first, serial);

  second.restore(JSON.parse(JSON.stringify(first.state())) as SerialCount[]);
  see(second, 8);

  assert.deepEqual(second.state()[0]?.highest, [8, textOf(8)]);
});

function lostAfter(parts: readonly (readonly number[])[]): number {
  const tracker = new SerialTracker();
  for (const serial of parts.flat()) see(tracker, serial);
  return tracker.lost()?.events ?? 0;
}

function see(tracker: SerialTracker, serial: number, node = ""): void {
  tracker.see({ seconds: 1, milliseconds: 0, serial, oddText: "", node });
}

function textOf(serial: number): string {
  return `1.000:${serial}`;
}

/** The numbers from one to another, both included. */
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
