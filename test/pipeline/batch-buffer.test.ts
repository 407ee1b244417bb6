import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BatchBuffer } from "#pipeline/batch-buffer.ts";
import { TestEngine } from "#test/support/engine.ts";
import { hostileLog } from "#test/support/hostile-log.ts";

/** A buffer with documents in it, each as its line. */
function holding(lines: readonly string[]): BatchBuffer {
  const batch = new BatchBuffer();
  for (const line of lines) batch.add(Buffer.from(`${line}\n`), 1);
  return batch;
}

function documentAt(time: string): string {
  return `{"@timestamp":"${time}","event":{"kind":"event"}}`;
}

test("BatchBuffer tells the earliest and the latest time of its documents, in any order", () => {
  const times = [
    "2026-11-23T03:19:20.411Z",
    "1970-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z",
  ];

  const { firstMs, lastMs } = holding(times.map(documentAt)).timeRange() ?? {};

  assert.deepEqual([firstMs, lastMs], [0, 253_402_300_799_999]);
});

test("BatchBuffer tells no times if a document has none, and none of no documents", () => {
  const whole = documentAt("2026-11-23T03:19:20.411Z");

  assert.equal(new BatchBuffer().timeRange(), undefined);
  for (const other of [
    "",
    "{}",
    '{"message":"2026-11-23T03:19:20.411Z, all day"}',
    documentAt("soon, or a little later!"),
  ]) {
    assert.equal(holding([whole, other]).timeRange(), undefined);
    assert.equal(holding([other, whole]).timeRange(), undefined);
  }
});

test("BatchBuffer tells the times of whatever documents come of a log", () => {
  fc.assert(
    fc.property(hostileLog, (log) => {
      const run = new TestEngine().push(log);
      run.engine.end(0);
      const times = run.lines().map((line) => {
        return Date.parse((JSON.parse(line) as { "@timestamp": string })["@timestamp"]);
      });
      const batch = new BatchBuffer();
      batch.add(run.output(), run.count);

      const expected = { firstMs: Math.min(...times), lastMs: Math.max(...times) };
      assert.deepEqual(batch.timeRange(), times.length === 0 ? undefined : expected);
    }),
    { endOnFailure: true },
  );
});
