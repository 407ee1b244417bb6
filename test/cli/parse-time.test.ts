import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTimeMs } from "#cli/parse-time.ts";

const nowMs = new Date(2026, 10, 23, 12, 30).getTime();

test("parseTimeMs() reads times that count from now", () => {
  const times = ["now", "10m", "-2h", "today", "yesterday"].map((text) => parseTimeMs(text, nowMs));

  assert.deepEqual(times, [
    nowMs,
    nowMs - 600_000,
    nowMs - 7_200_000,
    new Date(2026, 10, 23).getTime(),
    new Date(2026, 10, 22).getTime(),
  ]);
});

test("parseTimeMs() reads dates in the local zone and in a given one", () => {
  const times = [
    "2026-11-23",
    "2026-11-23 03:19",
    "2026-11-23T03:19:20.411Z",
    "2026-11-23T03:19+02:00",
  ];

  assert.deepEqual(
    times.map((text) => parseTimeMs(text, nowMs)),
    [
      new Date(2026, 10, 23).getTime(),
      new Date(2026, 10, 23, 3, 19).getTime(),
      Date.UTC(2026, 10, 23, 3, 19, 20, 411),
      Date.UTC(2026, 10, 23, 1, 19),
    ],
  );
  assert.equal(parseTimeMs("@1364481363.243", nowMs), 1_364_481_363_243);
});

test("parseTimeMs() refuses what is no time", () => {
  for (const text of ["", "soon", "10", "2026-02-30", "2026-13-01", "25:00", "2026-11-23T25:00"]) {
    assert.equal(parseTimeMs(text, nowMs), undefined, text);
  }
});
