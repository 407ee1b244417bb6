import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { LogPosition } from "#sources/position.ts";
import { createLogFolder } from "./log-folder.ts";
import { readAll } from "./reading.ts";

test("AuditLog begins with the oldest of the files", () => {
  using log = createLogFolder();
  for (const text of ["one\n", "two\n", "three\n"]) {
    if (text !== "one\n") log.rotate();
    log.append(text);
  }

  const { told } = readAll(log.open());

  assert.deepEqual(told, ['"one\\n"', "|", '"two\\n"', "|", '"three\\n"']);
});

test("AuditLog orders more than nine files by number", () => {
  using log = createLogFolder();
  const lines = Array.from({ length: 13 }, (_, index) => `${index}\n`);
  for (const line of lines) {
    log.rotate(20);
    log.append(line);
  }

  assert.equal(readAll(log.open()).text, lines.join(""));
});

test("AuditLog begins at the end if it is told to, also after a stop before there was anything", () => {
  using log = createLogFolder();
  log.append("before\n");

  const { told, position } = log.readOnce({ from: "end" });
  log.append("after\n");

  assert.deepEqual(told, ["|"]);
  assert.ok(position);
  assert.deepEqual(log.readOnce({ from: "end", position }).told, ['"after\\n"']);
});

test("AuditLog that begins at the end reads all of a log that is made later", () => {
  using log = createLogFolder();
  writeFileSync(`${log.path}.1`, "before\n");
  const source = log.open({ from: "end" });

  const before = readAll(source);
  log.append("after\n");

  assert.deepEqual(before.told, []);
  assert.deepEqual(readAll(source).told, ['"after\\n"']);
});

test("AuditLog waits for a file and for a folder that do not exist yet", () => {
  using log = createLogFolder();
  rmSync(log.folder, { recursive: true });
  const source = log.open();

  const missing = readAll(source);
  mkdirSync(log.folder);
  const empty = readAll(source);
  log.append("one\n");

  assert.deepEqual([...missing.told, ...empty.told], []);
  assert.deepEqual(readAll(source).told, ['"one\\n"']);
});

test("AuditLog goes on where it was, in the midst of a line (R05)", () => {
  using log = createLogFolder();
  log.append("one\ntw");
  const { position } = log.readOnce();
  assert.ok(position);
  log.append("o\n");

  assert.deepEqual(log.readOnce({ position }).told, ['"o\\n"']);
});

test("AuditLog goes on where it was from a position that went through JSON", () => {
  using log = createLogFolder();
  log.append("one\n".repeat(200));
  const { position } = log.readOnce();
  log.append("two\n");

  const read = JSON.parse(JSON.stringify(position)) as LogPosition;
  const again = log.readOnce({ position: read });

  assert.deepEqual(again.told, ['"two\\n"']);
});

test("AuditLog reads in blocks of any size the same bytes", () => {
  using log = createLogFolder();
  const text = Array.from({ length: 300 }, (_, index) => `line ${index}\n`).join("");
  log.append(text);

  for (const blockBytes of [1, 7, 63, 64, 65, 1_000]) {
    assert.equal(readAll(log.open({ blockBytes })).text, text);
  }
});

test("AuditLog goes on from the position of every block", () => {
  using log = createLogFolder();
  const text = Array.from({ length: 60 }, (_, index) => `line ${index}\n`).join("");
  log.append(text);
  const source = log.open({ blockBytes: 13 });

  for (let item = source.read(); item?.kind === "bytes"; item = source.read()) {
    const { position } = item;
    assert.equal(log.readOnce({ position }).text, text.slice(position.offset));
  }
});

test("AuditLog reads behind 4 GiB", () => {
  using log = createLogFolder();
  const sizeBytes = 5 * 1_024 ** 3;
  log.append("one\n");
  truncateSync(log.path, sizeBytes);
  const source = log.open({ from: "end" });
  readAll(source);

  log.append("two\n");
  const { told, position } = readAll(source);
  log.append("three\n");

  assert.deepEqual(told, ['"two\\n"']);
  assert.ok(position);
  assert.equal(position.offset, sizeBytes + 4);
  assert.deepEqual(log.readOnce({ position }).told, ['"three\\n"']);
});

test("AuditLog tells how much there is to read, with the younger files", () => {
  using log = createLogFolder();
  log.append("0123456789");
  const source = log.open({ blockBytes: 4 });

  assert.deepEqual(source.lag(), { bytesBehind: 0, files: 0 });
  source.read();
  log.rotate();
  log.append("abc");
  log.rotate();
  log.append("de");

  assert.deepEqual(source.lag(), { bytesBehind: 11, files: 2 });
  readAll(source);
  assert.deepEqual(source.lag(), { bytesBehind: 0, files: 0 });
});

test("AuditLog reads on where the log has no name for a moment", () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);
  log.append("two\n");
  renameSync(log.path, `${log.path}.1`);

  const between = readAll(source);
  log.append("three\n");

  assert.deepEqual(between.told, ['"two\\n"']);
  assert.deepEqual(readAll(source).told, ["|", '"three\\n"']);
});

test("AuditLog goes on from a position while the log has no name", () => {
  using log = createLogFolder();
  log.append("one\n");
  const { position } = log.readOnce();
  assert.ok(position);
  log.append("two\n");
  renameSync(log.path, `${log.path}.1`);

  assert.deepEqual(log.readOnce({ position }).told, ['"two\\n"']);
});
