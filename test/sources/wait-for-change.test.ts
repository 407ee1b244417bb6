import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createLogFolder } from "./log-folder.ts";
import { readAll } from "./reading.ts";

const { signal } = new AbortController();
/** As good as never. */
const longMs = 20_000;

test("AuditLog.wait() ends at a write, though the longest time is far", async () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);

  const waiting = source.wait(longMs, signal);
  setTimeout(() => log.append("two\n"), 30);
  await waiting;

  assert.deepEqual(readAll(source).told, ['"two\\n"']);
});

test("AuditLog.wait() ends at a rotation", async () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);

  const waiting = source.wait(longMs, signal);
  setTimeout(() => log.rotate(), 30);
  await waiting;

  assert.deepEqual(readAll(source).told, ["|"]);
});

test("AuditLog.wait() ends when the log is made", async () => {
  using log = createLogFolder();
  const source = log.open();
  readAll(source);

  const waiting = source.wait(longMs, signal);
  setTimeout(() => log.append("one\n"), 30);
  await waiting;

  assert.deepEqual(readAll(source).told, ['"one\\n"']);
});

test("AuditLog.wait() sees what came between the look and the watch", async () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);

  log.append("two\n");
  await source.wait(longMs, signal);
  assert.equal(readAll(source).text, "two\n");
  log.rotate();
  await source.wait(longMs, signal);
  assert.deepEqual(readAll(source).told, ["|"]);
  writeFileSync(log.path, "");
  appendFileSync(log.path, "three\n");
  await source.wait(longMs, signal);
  assert.equal(readAll(source).text, "three\n");
});

test("AuditLog.wait() lasts its time while nothing comes, also for other files in the folder", async () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);
  appendFileSync(`${log.folder}/other`, "");
  let isOver = false;

  const waiting = source.wait(300, signal).then(() => {
    isOver = true;
  });
  appendFileSync(`${log.folder}/other`, "text");
  await sleep(150);

  assert.equal(isOver, false);
  await waiting;
});

test("AuditLog.wait() goes on after the folder was removed and made again", async () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);

  const removed = source.wait(300, signal);
  rmSync(log.folder, { recursive: true });
  await removed;
  await source.wait(50, signal);
  mkdirSync(log.folder);
  readAll(source);
  const waiting = source.wait(longMs, signal);
  setTimeout(() => log.append("two\n"), 30);
  await waiting;

  assert.deepEqual(readAll(source).told, ["gap replaced ?", "|", '"two\\n"']);
});

test("AuditLog.wait() ends at the signal, before and after it began", async () => {
  using log = createLogFolder();
  const source = log.open();
  const stop = new AbortController();

  const waiting = source.wait(longMs, stop.signal);
  stop.abort();

  await waiting;
  await source.wait(longMs, stop.signal);
});

test("AuditLog.wait() leaves no timer, listener or watch behind", async () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  const stop = new AbortController();
  for (let times = 0; times < 50; times++) {
    if (times % 2 === 0) log.append("two\n");
    await source.wait(2, stop.signal);
    readAll(source);
  }
  await sleep(10);

  assert.equal(getEventListeners(stop.signal, "abort").length, 0);
  const active = process.getActiveResourcesInfo();
  assert.ok(!active.includes("FSEventWrap"), active.join());
  assert.ok(active.filter((each) => each === "Timeout").length === 0, active.join());
});
