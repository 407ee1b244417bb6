import assert from "node:assert/strict";
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { runLog } from "#test/support/engine.ts";
import { fixtureLogs } from "#test/support/fixture-logs.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { hostileLog, pieceSizes } from "#test/support/hostile-log.ts";

/** A log of a real workload, where `make bench` has recorded one. */
const recordedLog = join(import.meta.dirname, "../../bench/.cache/audit.log");
const comparedBytes = 20_000_000;

for (const [name, log] of fixtureLogs) {
  test(`Both forms of the core make the same of ${name}`, () => {
    assertSameForms(log);
  });
}

test("Both forms of the core make the same of a generated log of several blocks", () => {
  assertSameForms(generateLog({ seed: 41, events: 6_000, nodes: ["", "a"] }));
});

test("Both forms of the core make the same of any log in any pieces", () => {
  fc.assert(
    fc.property(hostileLog, pieceSizes, (log, sizes) => {
      assertSameForms(log, sizes);
    }),
    { numRuns: 500 },
  );
});

test("Both forms of the core make the same of any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000, size: "max" }), (log) => {
      assertSameForms(log);
    }),
    { numRuns: 100 },
  );
});

test("Both forms of the core make the same of the recorded log, if there is one", () => {
  const log = existsSync(recordedLog)
    ? readStart(recordedLog)
    : generateLog({ seed: 42, events: 3_000, nodes: [""] });

  assertSameForms(log, [1_000_000]);
});

function assertSameForms(log: Uint8Array, sizes?: readonly number[]): void {
  const plain = runLog(log, { form: "plain" }, sizes);
  const webassembly = runLog(log, { form: "webassembly" }, sizes);

  assert.ok(plain.equals(webassembly));
}

function readStart(path: string): Buffer {
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(comparedBytes);
  const size = readSync(file, bytes);
  closeSync(file);
  return bytes.subarray(0, size);
}
