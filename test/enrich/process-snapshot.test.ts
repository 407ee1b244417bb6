import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { restoreSnapshot, takeSnapshot } from "#enrich/process-snapshot.ts";
import { ProcessTable } from "#enrich/process-table.ts";
import { call, exec, read } from "./sightings.ts";

const now = { bootId: "boot", timeMs: 1_000 };

test("restoreSnapshot() gives another table what a table knew", () => {
  const table = createTable();
  const snapshot: unknown = JSON.parse(JSON.stringify(takeSnapshot(table, "boot", 500)));
  const other = new ProcessTable();

  const isRestored = restoreSnapshot(other, snapshot, now);

  const child = other.observe(call({ pid: 11, ppid: 10, exe: "/bin/ü" }));
  assert.equal(isRestored, true);
  assert.equal(child.entityId, "child");
  assert.deepEqual(read(child.parent), {
    pid: 10,
    entity_id: "shell",
    executable: "/bin/bash",
    name: "bash",
    args: ["bash", "ä"],
    args_count: 2,
  });
  const next = other.observe(exec({ pid: 12, ppid: 10, exe: "/bin/a" }));
  assert.equal(next.parent?.entityId, "make");
});

test("restoreSnapshot() keeps an ended parent for its children alone", () => {
  const table = createTable();
  const other = new ProcessTable();

  restoreSnapshot(other, takeSnapshot(table, "boot", 500), now);

  assert.deepEqual(other.size.entries, table.size.entries);
  assert.deepEqual([...other.entries()].map(({ entityId }) => entityId).toSorted(), [
    ...[...table.entries()].map(({ entityId }) => entityId).toSorted(),
  ]);
});

test("restoreSnapshot() refuses what is old, of the future or of another boot", () => {
  const snapshot = takeSnapshot(createTable(), "boot", 100_000);
  const other = new ProcessTable();

  const results = [
    restoreSnapshot(other, snapshot, { bootId: "boot", timeMs: 160_001 }),
    restoreSnapshot(other, snapshot, { bootId: "boot", timeMs: 99_999 }),
    restoreSnapshot(other, snapshot, { bootId: "other", timeMs: 100_001 }),
  ];

  assert.deepEqual(results, [false, false, false]);
  assert.equal(other.size.entries, 0);
});

test("restoreSnapshot() refuses what is no snapshot, and puts in nothing of it", () => {
  const good = JSON.stringify(takeSnapshot(createTable(), "boot", 500));
  const damaged = fc
    .tuple(fc.nat({ max: good.length - 1 }), fc.constantFrom('"', "}", "1", "-", ",", "x", "null"))
    .map(([at, text]) => good.slice(0, at) + text + good.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(damaged, fc.json()), (text) => {
      const other = new ProcessTable();

      if (restoreSnapshot(other, parse(text), now)) return;

      assert.equal(other.size.entries, 0);
    }),
  );
});

test("restoreSnapshot() refuses a description that is no JSON", () => {
  const { entries, ...rest } = takeSnapshot(createTable(), "boot", 500);
  const broken = entries.map((entry) => ({ ...entry, text: `${entry.text},` }));

  assert.equal(restoreSnapshot(new ProcessTable(), { ...rest, entries: broken }, now), false);
});

test("takeSnapshot() keeps to its limits, with what was seen last", () => {
  const table = new ProcessTable();
  for (let pid = 100; pid < 5_000; pid++) table.observe(exec({ pid, ppid: 10, exe: "/bin/a" }));

  const few = takeSnapshot(table, "boot", 500, { entries: 50, bytes: 1_000_000 });
  const small = takeSnapshot(table, "boot", 500, { entries: 5_000, bytes: 10_000 });

  assert.equal(few.entries.length, 50);
  assert.ok(few.entries.some(({ pid }) => pid === 4_999));
  const bytes = small.entries.reduce((sum, { text }) => sum + text.length, 0);
  assert.ok(bytes > 9_000 && bytes <= 10_000);
});

function createTable(): ProcessTable {
  const table = new ProcessTable();
  table.observe(
    exec({ pid: 10, ppid: 1, exe: "/bin/bash", args: ["bash", "ä"], eventId: "shell" }),
  );
  table.observe(exec({ pid: 11, ppid: 10, exe: "/bin/ü", eventId: "child" }));
  table.observe(exec({ pid: 10, ppid: 1, exe: "/bin/make", eventId: "make" }));
  return table;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
