import assert from "node:assert/strict";
import { truncateSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createLogFolder } from "./log-folder.ts";
import { readAll } from "./reading.ts";

const cuts = [
  { name: "to nothing", keptBytes: 0, added: "", read: "" },
  { name: "to nothing and written again", keptBytes: 0, added: "new\n", read: "new\n" },
  { name: "to less", keptBytes: 4, added: "", read: "one\n" },
  {
    name: "and grown past the place again",
    keptBytes: 0,
    added: "new\n".repeat(60),
    read: "new\n".repeat(60),
  },
  {
    name: "to less and grown past the place again",
    keptBytes: 4,
    added: "new\n".repeat(60),
    read: `one\n${"new\n".repeat(60)}`,
  },
  { name: "and grown to the place again", keptBytes: 0, added: "new\nold\n", read: "new\nold\n" },
];

for (const { name, keptBytes, added, read } of cuts) {
  const expected = ["gap truncated ?", "|", ...(read === "" ? [] : [JSON.stringify(read)])];

  test(`AuditLog sees that its file was cut ${name} (R04)`, () => {
    using log = createLogFolder();
    log.append("one\ntwo\n");
    const source = log.open();
    readAll(source);
    truncateSync(log.path, keptBytes);
    log.append(added);

    assert.deepEqual(readAll(source).told, expected);
  });

  test(`AuditLog sees that its file was cut ${name} while it was not at the end (R04)`, () => {
    using log = createLogFolder();
    log.append("one\ntwo\n".repeat(20));
    const source = log.open({ blockBytes: 8 });
    source.read();
    truncateSync(log.path, keptBytes);
    log.append(added);

    assert.deepEqual(readAll(source).told, expected);
  });

  test(`AuditLog sees that its file was cut ${name} while it was stopped (R04)`, async () => {
    using log = createLogFolder();
    log.append("");
    // Longer than a tick of the kernel's clock, so that the file has a birth of its own.
    await sleep(20);
    log.append("one\ntwo\n");
    const { position } = log.readOnce();
    assert.ok(position);
    truncateSync(log.path, keptBytes);
    log.append(added);

    assert.deepEqual(log.readOnce({ position }).told, expected);
  });
}

test("AuditLog tells a cut once, also over a stop", () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);
  truncateSync(log.path);
  const { told, position } = readAll(source);
  assert.ok(position);
  log.append("two\n");

  assert.deepEqual(told, ["gap truncated ?", "|"]);
  assert.deepEqual(log.readOnce({ position }).told, ['"two\\n"']);
  assert.deepEqual(readAll(source).told, ['"two\\n"']);
});

test("AuditLog goes on through the younger files after its own was cut and rotated", async () => {
  using log = createLogFolder();
  log.append("zero\n");
  log.rotate();
  await sleep(20);
  log.append("one\n");
  const { position } = log.readOnce();
  assert.ok(position);
  truncateSync(log.path);
  log.append("two\n");
  log.rotate();
  log.append("three\n");

  assert.deepEqual(log.readOnce({ position }).told, [
    "gap truncated ?",
    "|",
    '"two\\n"',
    "|",
    '"three\\n"',
  ]);
});

test("AuditLog sees that its file was cut, though all records end alike and are as long (R04)", () => {
  using log = createLogFolder();
  const names =
    ' AUID="unset" UID="root" GID="root" EUID="root" SUID="root" FSUID="root" EGID="root"';
  const line = (serial: number) => `type=SYSCALL msg=audit(1700000000.123:${serial}):${names}\n`;
  log.append(line(1_001) + line(1_002));
  const source = log.open();
  readAll(source);
  truncateSync(log.path);
  log.append(line(1_003) + line(1_004) + line(1_005));

  const { told, text } = readAll(source);

  assert.deepEqual(told.slice(0, 2), ["gap truncated ?", "|"]);
  assert.equal(text, line(1_003) + line(1_004) + line(1_005));
});
