import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createLogFolder } from "./log-folder.ts";
import { joinReadings, type Reading, readAll } from "./reading.ts";

const writer = fileURLToPath(new URL("rotating-writer.ts", import.meta.url));
const { signal } = new AbortController();

for (const isRestarted of [false, true]) {
  const while_ = isRestarted ? ", also if it is stopped all the time" : "";
  test(`AuditLog loses and doubles nothing of 5,000 lines/s rotated every 200 ms${while_} (R03)`, async () => {
    using log = createLogFolder();
    const child = spawn(process.execPath, [writer, log.path, "4000"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    let isWriting = true;
    const closed = once(child, "close").finally(() => {
      isWriting = false;
    });

    const readings: Reading[] = [];
    let source = log.open();
    while (isWriting) {
      readings.push(readAll(source));
      await source.wait(isRestarted ? 20 : 250, signal);
      if (!isRestarted) continue;
      source.close();
      const { position } = joinReadings(readings);
      source = log.open(position === undefined ? {} : { position });
    }
    await closed;
    readings.push(readAll(source));

    const { text, told } = joinReadings(readings);
    const numbers = text.split("\n").slice(0, -1).map(Number.parseFloat);
    const written = Number(printed);
    assert.ok(written > 10_000, printed);
    assert.deepEqual(
      told.filter((item) => item.startsWith("gap")),
      [],
    );
    assert.deepEqual(
      numbers,
      Array.from({ length: written }, (_, number) => number),
    );
  });
}

test("AuditLog reads what came between the old file's end and the look at the new one (R03)", async () => {
  using log = createLogFolder();
  log.append("one\n");
  const script = `
    import { AuditLog } from "#sources/audit-log.ts";
    import { readAll } from "#test/sources/reading.ts";
    const log = AuditLog.open({ path: process.argv[1], from: "oldest" });
    log.read();
    process.stdout.write("at the end\\n");
    process.stdout.write(JSON.stringify(readAll(log).told));`;
  // Each look at the name of the log begins late.
  const delay = "inject=statx:delay_enter=400000";
  const trace = ["-f", "-o", "/dev/null", "-P", log.path, "-e", "trace=statx", "-e", delay];
  const child = spawn(
    "strace",
    [...trace, process.execPath, "--input-type=module", "--eval", script, log.path],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });

  const closed = once(child, "close");
  await once(child.stdout, "data");
  await sleep(100);
  log.append("two\n");
  log.rotate();
  await closed;

  assert.equal(printed, 'at the end\n["\\"two\\\\n\\"","|"]');
});
