import assert from "node:assert/strict";
import { copyFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { createLogFolder } from "./log-folder.ts";

const long = `${"x".repeat(300)}\n`;

test("AuditLog goes on in its file after the disk got another device number", () => {
  using log = createLogFolder();
  log.append(`one ${long}`);
  log.rotate();
  log.append(`two ${long}`);
  const { position } = log.readOnce({ blockBytes: 450 });
  assert.ok(position);
  log.append("three\n");
  log.rotate();
  log.append("four\n");

  const { told } = log.readOnce({ position: { ...position, device: position.device + 1 } });

  assert.deepEqual(told, ['"three\\n"', "|", '"four\\n"']);
});

test("AuditLog goes on in a copy of its file, as it holds what was read", () => {
  using log = createLogFolder();
  log.append(`one ${long}`);
  const { position } = log.readOnce();
  assert.ok(position);
  log.append("two\n");
  copyFileSync(log.path, `${log.path}.1`);
  rmSync(log.path);
  log.append("three\n");

  assert.deepEqual(log.readOnce({ position }).told, ['"two\\n"', "|", '"three\\n"']);
});

test("AuditLog takes no other file for its own that begins alike", () => {
  using log = createLogFolder();
  log.append(`${long}one\n`);
  const { position } = log.readOnce();
  assert.ok(position);
  rmSync(log.path);
  log.append(`${long}two\nthree\n`);

  const { told } = log.readOnce({ position: { ...position, device: position.device + 1 } });

  assert.deepEqual(told, ["gap rotated_out ?", "|", JSON.stringify(`${long}two\nthree\n`)]);
});

test("AuditLog finds no place by the beginning of a file that was short", () => {
  using log = createLogFolder();
  log.append("type=");
  const { position } = log.readOnce();
  assert.ok(position);
  rmSync(log.path);
  log.append("type=other\n");

  const { told } = log.readOnce({ position: { ...position, device: position.device + 1 } });

  assert.deepEqual(told, ["gap rotated_out ?", "|", '"type=other\\n"']);
});
