import assert from "node:assert/strict";
import { test } from "node:test";
import { validateEcs } from "#test/support/ecs.ts";
import { runLog, type TestEngineOptions } from "#test/support/engine.ts";
import { fixtureLog } from "#test/support/fixture-logs.ts";

test("A document shows the paths of a rename by udev, and says when there are more than it shows", () => {
  const call = "arch=c000003e syscall=82 success=yes exit=0 items=";
  const paths = (count: number) =>
    Array.from(
      { length: count },
      (_, item) => `PATH item=${item} name="/dev/${item}" nametype=NORMAL`,
    );

  const most = documentOf([`SYSCALL ${call}88`, ...paths(88), "PROCTITLE proctitle=41"]);
  const more = documentOf([`SYSCALL ${call}89`, ...paths(89), "PROCTITLE proctitle=41"]);

  assert.deepEqual(valueAt(most, "auditd.paths.87.name"), "/dev/87");
  assert.deepEqual(valueAt(most, "auditd.incomplete"), undefined);
  assert.deepEqual(valueAt(more, "auditd.paths.88"), undefined);
  assert.deepEqual(valueAt(more, "auditd.incomplete"), ["fields_cut"]);
});

test("A document of mq_open() and mq_unlink() misses no path but more than the directory", () => {
  const calls = documentsOf(fixtureLog("ipc")).filter((document) =>
    ["mq_open", "mq_unlink"].includes(String(valueAt(document, "auditd.data.syscall"))),
  );
  assert.equal(calls.length, 2);
  for (const call of calls) assert.equal(valueAt(call, "auditd.incomplete"), undefined);

  const without = documentOf([
    "SYSCALL arch=c000003e syscall=240 success=yes exit=3 items=2",
    "PROCTITLE proctitle=41",
  ]);
  assert.deepEqual(valueAt(without, "auditd.incomplete"), ["paths_missing"]);
});

/** The document of one event, its records as type and body. */
function documentOf(records: readonly string[], options: TestEngineOptions = {}): unknown {
  const lines = records.map((record) => {
    const [type = ""] = record.split(" ", 1);
    return `type=${type} msg=audit(1700000000.123:1): ${record.slice(type.length + 1)}\n`;
  });
  const documents = documentsOf(Buffer.from(lines.join(""), "latin1"), options);
  assert.equal(documents.length, 1);
  return documents[0];
}

function documentsOf(log: Uint8Array, options: TestEngineOptions = {}): readonly unknown[] {
  const lines = runLog(log, { records: "none", ...options })
    .toString()
    .split("\n")
    .slice(0, -1);
  const documents = lines.map((line): unknown => JSON.parse(line));
  for (const document of documents) assert.deepEqual(validateEcs(document), []);
  return documents;
}

function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const name of path.split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  }
  return value;
}
