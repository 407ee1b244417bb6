import assert from "node:assert/strict";
import { copyFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createFileWithInode, createLogFolder, type LogFolder } from "./log-folder.ts";
import { readAll } from "./reading.ts";

/** Rotates so often; each new file gets one line with its number. */
function rotateTimes(log: LogFolder, times: number, numLogs = 5): void {
  for (let number = 1; number <= times; number++) {
    log.rotate(numLogs);
    log.append(`${number}\n`);
  }
}

test("AuditLog reads what the old file got after it was read to its end (R03)", () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);
  log.append("two\n");
  log.rotate();
  log.append("three\n");

  assert.deepEqual(readAll(source).told, ['"two\\n"', "|", '"three\\n"']);
});

for (const times of [2, 3, 4]) {
  test(`AuditLog reads every file of ${times} rotations between two looks (R03)`, () => {
    using log = createLogFolder();
    log.append("one\n");
    const source = log.open();
    readAll(source);
    rotateTimes(log, times);

    const { told, text } = readAll(source);

    assert.equal(text, ["1\n", "2\n", "3\n", "4\n"].slice(0, times).join(""));
    assert.ok(told.every((item) => !item.startsWith("gap")));
  });
}

for (const times of [1, 3, 4]) {
  test(`AuditLog goes on in its file after ${times} rotations while stopped (R02)`, () => {
    using log = createLogFolder();
    log.append("one\n");
    const { position } = log.readOnce();
    assert.ok(position);
    log.append("two\n");
    rotateTimes(log, times);

    const { told, text } = log.readOnce({ position });

    assert.equal(text, ["two\n", "1\n", "2\n", "3\n", "4\n"].slice(0, times + 1).join(""));
    assert.equal(told.filter((item) => item === "|").length, times);
    assert.ok(told.every((item) => !item.startsWith("gap")));
  });
}

test("AuditLog tells that its file is gone after more rotations than there are files (R02)", () => {
  using log = createLogFolder();
  log.append("one\n");
  const { position } = log.readOnce();
  assert.ok(position);
  rotateTimes(log, 6);

  const { told, text } = log.readOnce({ position });

  assert.deepEqual(told.slice(0, 2), ["gap rotated_out ?", "|"]);
  assert.equal(text, "2\n3\n4\n5\n6\n");
  assert.equal(told.filter((item) => item.startsWith("gap")).length, 1);
});

test("AuditLog reads a file to its end that was removed while it read, and then tells the gap", () => {
  using log = createLogFolder();
  log.append("one\ntwo\n");
  const source = log.open({ blockBytes: 4 });
  source.read();
  rotateTimes(log, 7);

  const { told, text } = readAll(source);

  assert.deepEqual(told.slice(0, 3), ['"two\\n"', "gap rotated_out ?", "|"]);
  assert.equal(text, "two\n3\n4\n5\n6\n7\n");
});

test("AuditLog tells no gap if the file removed under it had the next one behind it already", () => {
  using log = createLogFolder();
  log.append("one\n");
  rotateTimes(log, 4);
  const source = log.open({ blockBytes: 2 });
  source.read();
  rotateTimes(log, 1);

  assert.deepEqual(readAll(source).told, [
    '"e\\n"',
    ...['"1\\n"', '"2\\n"', '"3\\n"', '"4\\n"', '"1\\n"'].flatMap((item) => ["|", item]),
  ]);
});

test("AuditLog does not read again what old files a smaller num_logs leaves behind", async () => {
  using log = createLogFolder();
  log.append("one\n");
  rotateTimes(log, 8, 10);
  const source = log.open();
  readAll(source);
  // Longer than a tick of the kernel's clock.
  await sleep(20);
  rotateTimes(log, 4, 3);

  assert.deepEqual(readAll(source).told, [
    "gap rotated_out ?",
    "|",
    '"2\\n"',
    "|",
    '"3\\n"',
    "|",
    '"4\\n"',
  ]);
});

test("AuditLog tells another file at the inode of its own (R01)", async () => {
  using log = createLogFolder();
  log.append(`one ${"x".repeat(400)}\n`);
  const { position } = log.readOnce();
  assert.ok(position);
  rmSync(log.path);
  // Longer than a tick of the kernel's clock.
  await sleep(20);
  log.append(`two ${"y".repeat(800)}\n`);

  const { told } = log.readOnce({ position: { ...position, inode: statSync(log.path).ino } });

  assert.deepEqual(told, ["gap rotated_out ?", "|", JSON.stringify(`two ${"y".repeat(800)}\n`)]);
});

test("AuditLog tells another file at the inode of its own by its beginning alone (R01)", () => {
  using log = createLogFolder();
  log.append("one\n");
  const { position } = log.readOnce();
  assert.ok(position);
  rmSync(log.path);
  log.append("two\nthree\n");
  const inode = statSync(log.path).ino;

  const { told } = log.readOnce({ position: { ...position, inode, bornMs: 0 } });

  assert.deepEqual(told, ["gap rotated_out ?", "|", '"two\\nthree\\n"']);
});

test("AuditLog does not take a new file for one that it has read, as they share an inode (R01)", async () => {
  using log = createLogFolder();
  rotateTimes(log, 40, 50);
  const source = log.open();
  readAll(source);
  const rotated = readdirSync(log.folder)
    .map((name) => join(log.folder, name))
    .filter((path) => path !== log.path);
  const inodes = new Set(rotated.map((path) => statSync(path).ino));
  for (const path of rotated) rmSync(path);
  await sleep(20);
  const other = createFileWithInode(log.folder, inodes);
  writeFileSync(other, "new\n");
  renameSync(other, log.path);

  assert.deepEqual(readAll(source).told, ["gap replaced ?", "|", '"new\\n"']);
});

test("AuditLog tells that its file was replaced, and does not read older ones again", () => {
  using log = createLogFolder();
  log.append("zero\n");
  log.rotate();
  log.append("one\ntwo\n");
  const source = log.open();
  readAll(source);
  // As sed -i and editors do.
  copyFileSync(log.path, `${log.folder}/sed1234`);
  renameSync(`${log.folder}/sed1234`, log.path);
  log.append("three\n");

  assert.deepEqual(readAll(source).told, ["gap replaced ?", "|", '"one\\ntwo\\nthree\\n"']);
});

test("AuditLog keeps the place behind a boundary: the old file may go then", () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);
  log.rotate();
  const { told, position } = readAll(source);
  assert.ok(position);
  rmSync(`${log.path}.1`);
  log.append("two\n");

  assert.deepEqual(told, ["|"]);
  assert.deepEqual(log.readOnce({ position }).told, ['"two\\n"']);
});
