import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditLog } from "#sources/audit-log.ts";
import { asNobody } from "./as-nobody.ts";
import { createLogFolder, type LogFolder } from "./log-folder.ts";
import { joinReadings, type Reading, readAll, readFor } from "./reading.ts";

/** Longer than something may be in the way before it is told. */
const incidentMs = 800;

async function readAsNobody(log: AuditLog, durationMs: number): Promise<Reading> {
  const readings = [asNobody(() => readAll(log))];
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    await sleep(50);
    readings.push(asNobody(() => readAll(log)));
  }
  return joinReadings(readings);
}

/** A folder that everyone may look into, with a log of one line that was read. */
async function openAsNobody(log: LogFolder): Promise<AuditLog> {
  chmodSync(log.folder, 0o755);
  log.append("one\n");
  const source = log.open();
  const { told } = await readAsNobody(source, 0);
  assert.deepEqual(told, ['"one\\n"']);
  return source;
}

test("AuditLog reads its file to the end although the folder is closed, and tells it once (R28)", async () => {
  using log = createLogFolder();
  const source = await openAsNobody(log);
  chmodSync(log.folder, 0o700);
  log.append("two\n");

  const first = await readAsNobody(source, incidentMs);
  log.append("three\n");
  const second = await readAsNobody(source, incidentMs);
  chmodSync(log.folder, 0o755);
  const third = await readAsNobody(source, 0);

  assert.deepEqual(first.told, ['"two\\n"', "lost EACCES"]);
  assert.deepEqual(second.told, ['"three\\n"']);
  assert.deepEqual(third.told, ["regained EACCES"]);
});

test("AuditLog loses nothing if all files can be read again (R28)", async () => {
  using log = createLogFolder();
  const source = await openAsNobody(log);
  log.rotate();
  chmodSync(log.path, 0o600);
  log.append("two\n");
  const lost = await readAsNobody(source, incidentMs);
  log.rotate();
  log.append("three\n");
  chmodSync(`${log.path}.1`, 0o644);

  const regained = await readAsNobody(source, 0);

  assert.deepEqual(lost.told, ["lost EACCES"]);
  assert.deepEqual(regained.told, ["|", "regained EACCES", '"two\\n"', "|", '"three\\n"']);
});

test("AuditLog gives up files that stay closed once a younger one is open, in one gap (R29)", async () => {
  using log = createLogFolder();
  const source = await openAsNobody(log);
  for (const text of ["two\n", "three\n", "four\n"]) {
    log.rotate();
    chmodSync(log.path, 0o600);
    log.append(text);
  }
  const lost = await readAsNobody(source, incidentMs);
  log.rotate();
  log.append("five\n");

  const early = await readAsNobody(source, 0);
  const late = await readAsNobody(source, incidentMs);

  assert.deepEqual(lost.told, ["lost EACCES"]);
  assert.deepEqual(early.told, []);
  assert.deepEqual(late.told, ["gap access_lost 15", "|", "regained EACCES", '"five\\n"']);
});

test("AuditLog lays the loss to the closed log if its file was rotated out meanwhile (R29)", async () => {
  using log = createLogFolder();
  const source = await openAsNobody(log);
  log.append("end\n");
  log.rotate();
  chmodSync(log.path, 0o600);
  const lost = await readAsNobody(source, incidentMs);
  for (let times = 0; times < 6; times++) log.rotate();
  log.append("new\n");

  const { text, told } = await readAsNobody(source, 0);

  assert.deepEqual(lost.told, ['"end\\n"', "lost EACCES"]);
  assert.deepEqual(told.slice(0, 3), ["gap access_lost ?", "|", "regained EACCES"]);
  assert.equal(text, "new\n");
});

test("AuditLog counts what it had not read of a file that it may not open again (R29)", async () => {
  using log = createLogFolder();
  chmodSync(log.folder, 0o755);
  log.append("one\n");
  const { position } = log.readOnce();
  assert.ok(position);
  log.append("two\n");
  chmodSync(log.path, 0o400);
  log.rotate();
  log.append("three\n");

  const { told } = await readAsNobody(log.open({ position }), incidentMs);

  assert.deepEqual(told, ["gap access_lost 4", "|", '"three\\n"']);
});

test("AuditLog begins with the oldest file that it may read", async () => {
  using log = createLogFolder();
  chmodSync(log.folder, 0o755);
  log.append("one\n");
  chmodSync(log.path, 0o400);
  log.rotate();
  log.append("two\n");

  const { told } = await readAsNobody(log.open(), 0);

  assert.deepEqual(told, ['"two\\n"']);
});

test("AuditLog tells nothing of a new log that is closed for a moment", async () => {
  using log = createLogFolder();
  const source = await openAsNobody(log);
  log.rotate();
  chmodSync(log.path, 0o600);
  const closed = await readAsNobody(source, 100);
  log.append("two\n");
  chmodSync(log.path, 0o644);

  assert.deepEqual(closed.told, []);
  assert.deepEqual((await readAsNobody(source, 0)).told, ["|", '"two\\n"']);
});

const strangers = [
  { name: "a FIFO", code: "EINVAL", make: (path: string) => execFileSync("mkfifo", [path]) },
  { name: "a directory", code: "EISDIR", make: (path: string) => mkdirSync(path) },
  { name: "a link", code: "ELOOP", make: (path: string) => symlinkSync("/etc/passwd", path) },
  {
    name: "a device",
    code: "EINVAL",
    make: (path: string) => execFileSync("mknod", [path, "c", "1", "5"]),
  },
];

for (const { name, code, make } of strangers) {
  test(`AuditLog neither follows ${name} in the place of the log nor waits for it`, async () => {
    using log = createLogFolder();
    make(log.path);
    const source = log.open();

    const before = await readFor(source, incidentMs);
    rmSync(log.path, { recursive: true });
    log.append("one\n");
    const after = readAll(source);
    log.rotate();
    rmSync(log.path);
    make(log.path);
    const again = await readFor(source, incidentMs);

    assert.deepEqual(before.told, [`lost ${code}`]);
    assert.deepEqual(after.told, [`regained ${code}`, '"one\\n"']);
    assert.deepEqual(again.told, [`lost ${code}`]);
  });
}

test("AuditLog lives through having no descriptor left, and loses nothing (R39)", async () => {
  using log = createLogFolder();
  log.append("one\n");
  const source = log.open();
  readAll(source);
  log.rotate();
  log.append("two\n");
  const { pid } = process;
  const before = execFileSync("prlimit", ["-p", `${pid}`, "-n", "-o", "SOFT", "--noheadings"]);
  const limit = before.toString().trim();
  execFileSync("prlimit", ["-p", `${pid}`, "--nofile=64:"]);
  const taken = takeDescriptors();

  const lost = await readFor(source, incidentMs);
  for (const fd of taken) closeSync(fd);
  execFileSync("prlimit", ["-p", `${pid}`, `--nofile=${limit}:`]);

  assert.deepEqual(lost.told, ["lost EMFILE"]);
  assert.deepEqual(readAll(source).told, ["|", "regained EMFILE", '"two\\n"']);
});

function takeDescriptors(): readonly number[] {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    return taken;
  }
}

test("AuditLog leaves a file that gives errors for the next one, and tells what was in it (R39)", async () => {
  using log = createLogFolder();
  log.append("one\n");
  const script = `
    import { appendFileSync, renameSync, writeFileSync } from "node:fs";
    import { AuditLog } from "#sources/audit-log.ts";
    import { readFor } from "#test/sources/reading.ts";
    const path = process.argv[1];
    const log = AuditLog.open({ path, from: "oldest" });
    const before = await readFor(log, 0);
    appendFileSync(path, "bad\\n");
    renameSync(path, path + ".1");
    const alone = await readFor(log, ${incidentMs});
    writeFileSync(path, "two\\n");
    const after = await readFor(log, ${incidentMs});
    console.log(JSON.stringify([before.told, alone.told, after.told]));`;

  // strace goes by the name that a file has now: the old one fails once it is renamed.
  const trace = ["-o", "/dev/null", "-P", `${log.path}.1`, "-e", "trace=pread64"];
  const run = spawnSync(
    "strace",
    [
      ...["-f", ...trace, "-e", "inject=pread64:error=EIO"],
      ...[process.execPath, "--input-type=module", "--eval", script, log.path],
    ],
    { encoding: "utf8" },
  );

  assert.equal(run.status, 0, run.stderr);
  assert.deepEqual(JSON.parse(run.stdout), [
    ['"one\\n"'],
    ["lost EIO"],
    ["gap access_lost 4", "|", "regained EIO", '"two\\n"'],
  ]);
});
