import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDurationMs, parseSizeBytes, renderDuration, renderSize } from "#base/units.ts";

test("renderSize() takes the largest unit that fits", () => {
  const sizes = [0, 1, 1_023, 1_024, 1_048_576, 1_048_577, 3_221_225_472];

  const texts = sizes.map(renderSize);

  assert.deepEqual(texts, ["0B", "1B", "1023B", "1KiB", "1MiB", "1048577B", "3GiB"]);
});

test("renderSize() and renderDuration() give what is read back as the same value", () => {
  fc.assert(
    fc.property(fc.nat(999_999_999), (value) => {
      assert.equal(parseSizeBytes(renderSize(value)), value);
      assert.equal(parseDurationMs(renderDuration(value)), value);
    }),
  );
});

test("parseDurationMs() and parseSizeBytes() refuse what has no unit or another's", () => {
  const texts = ["", "5", "5 s", "-5s", "5KiB", "1.5h", "5S"];

  assert.deepEqual(new Set(texts.map(parseDurationMs)), new Set([undefined]));
  assert.equal(parseSizeBytes("5s"), undefined);
});
