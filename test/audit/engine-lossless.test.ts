import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TestEngine } from "#test/support/engine.ts";
import { fixtureLogs } from "#test/support/fixture-logs.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { hostileLog } from "#test/support/hostile-log.ts";
import { rebuildLines } from "#test/support/rebuild.ts";

for (const [name, log] of fixtureLogs) {
  test(`The documents of ${name} give back every line of it`, () => {
    assertRebuilt(log);
  });
}

test("The documents of a generated log give back every line of it", () => {
  assertRebuilt(generateLog({ seed: 31, events: 1_000, nodes: ["", "a", "b"] }));
});

test("The documents of any log give back every line of it", () => {
  fc.assert(
    fc.property(hostileLog, (log) => {
      assertRebuilt(log);
    }),
    { numRuns: 1_000 },
  );
});

/** Requires the lines of a log from its documents, but for blank ones and end marks, in any order. */
function assertRebuilt(log: Buffer): void {
  const run = new TestEngine().push(log);
  run.engine.end(0);
  const { marker, blank } = run.engine.ledger().fates;
  const lines = log
    .toString("latin1")
    .split("\n")
    .filter((line) => line.replaceAll(" ", "") !== "");

  const rebuilt = run
    .lines()
    .flatMap((line) => rebuildLines(JSON.parse(line) as Parameters<typeof rebuildLines>[0]));

  const missing = lines.toSorted();
  for (const line of rebuilt.toSorted()) {
    const at = missing.indexOf(line);
    assert.ok(at >= 0, `No line of the log: ${line}`);
    missing.splice(at, 1);
  }
  assert.equal(missing.length, marker.lines);
  assert.ok(missing.every((line) => line.includes("type=EOE")));
  assert.ok(blank.lines >= 0);
}
