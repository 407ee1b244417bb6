import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { createLog, type LogSettings } from "#log/create-log.ts";

const name = "linuxguard-agent.log";
const timeMs = Date.UTC(2026, 10, 23, 3, 19, 20, 411);
let directory = "";
let settings: LogSettings;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "log-"));
  settings = { level: "info", directory, sizeBytes: 65_536, files: 3, now: () => timeMs };
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Line {
  readonly message: string;
  readonly fields?: { readonly number?: number; readonly lines?: number };
}

function readLines(path: string): readonly Line[] {
  const lines = readFileSync(path, "utf8").split("\n");
  assert.equal(lines.pop(), "");
  return lines.map((line): Line => JSON.parse(line));
}

test("createLog() writes a line of JSON with time, level, message and fields at once", () => {
  const log = createLog(settings);

  log.warn("spool near its limit", { sizeBytes: 5, message: "\u001b[31m\u202e" });
  log.debug("not at this level");

  assert.equal(
    readFileSync(join(directory, name), "utf8"),
    '{"time":"2026-11-23T03:19:20.411Z","level":"warn","message":"spool near its limit","fields":{"sizeBytes":5,"message":"\\u001b[31m\\u202e"}}\n',
  );
  assert.equal(statSync(join(directory, name)).mode & 0o777, 0o640);
  log.close();
});

test("createLog() loses no line over rotations", () => {
  const log = createLog({ ...settings, sizeBytes: 2_000, files: 1_000 });

  for (let number = 0; number < 5_000; number++) log.info("counted", { number });

  log.close();
  const files = readdirSync(directory);
  const numbers = files.flatMap((file) =>
    readLines(join(directory, file)).map(({ fields }) => fields?.number ?? -1),
  );
  assert.ok(files.length > 100);
  assert.deepEqual(
    numbers.toSorted((a, b) => a - b),
    Array.from({ length: 5_000 }, (_, number) => number),
  );
  assert.ok(files.every((file) => statSync(join(directory, file)).size <= 2_000));
});

test("createLog() keeps as many files as it may, newest first, also when it may keep fewer", () => {
  for (const number of [1, 2, 7, 30]) writeFileSync(join(directory, `${name}.${number}`), "old\n");
  writeFileSync(join(directory, `${name}.gz`), "of somebody else\n");
  const log = createLog({ ...settings, sizeBytes: 200, files: 3 });

  for (let number = 0; number < 20; number++) log.info("counted", { number });

  log.close();
  const [oldest, newest] = [`${name}.2`, name].map((file) => readLines(join(directory, file)));
  assert.deepEqual(readdirSync(directory).toSorted(), [
    name,
    `${name}.1`,
    `${name}.2`,
    `${name}.gz`,
  ]);
  assert.equal(newest?.at(-1)?.fields?.number, 19);
  assert.ok((oldest?.[0]?.fields?.number ?? 0) < 19);
});

test("createLog() goes on in a new file when its directory went", () => {
  const log = createLog(settings);
  log.info("before");
  rmSync(directory, { recursive: true });

  log.info("after");

  log.close();
  assert.deepEqual(
    readLines(join(directory, name)).map(({ message }) => message),
    ["after"],
  );
});

test("createLog() goes on and counts what it could not write where a file has its directory's place", () => {
  const log = createLog(settings);
  log.info("before");
  rmSync(directory, { recursive: true });
  writeFileSync(directory, "");
  for (let number = 0; number < 7; number++) log.error("not written", { number });
  rmSync(directory);

  log.info("after");

  log.close();
  const [gap, after] = readLines(join(directory, name));
  assert.deepEqual([gap?.message, gap?.fields?.lines], ["log lines were not written", 7]);
  assert.equal(after?.message, "after");
});

test("createLog() starts a line of its own after one that a crash cut", () => {
  writeFileSync(join(directory, name), '{"time":"2026');
  const log = createLog(settings);

  log.info("after");

  log.close();
  const [torn, whole] = readFileSync(join(directory, name), "utf8").split("\n");
  assert.equal(torn, '{"time":"2026');
  assert.match(whole ?? "", /^\{.*"after"\}$/);
});

test("reopen() follows the name after somebody renamed the file", () => {
  const log = createLog(settings);
  log.info("before");
  renameSync(join(directory, name), join(directory, "kept"));
  log.info("still before");

  log.reopen();
  log.info("after");

  log.close();
  assert.equal(readLines(join(directory, "kept")).length, 2);
  assert.equal(readLines(join(directory, name)).length, 1);
});

test("setLevel() lets more or less through", () => {
  const log = createLog(settings);

  log.setLevel("error");
  log.warn("dropped");
  log.setLevel("debug");
  log.debug("kept");

  log.close();
  assert.deepEqual(
    readLines(join(directory, name)).map(({ message }) => message),
    ["kept"],
  );
});

const writer = `
  import { createLog } from "#log/create-log.ts";
  const [directory, stderr] = process.argv.slice(1);
  const log = createLog({ level: "info", directory, sizeBytes: 2000, files: 2, stderr, now: () => ${timeMs} });
`;

test("createLog() shows lines on standard error for programs, for a person and for the journal", () => {
  const say = 'log.warn("cut \\u001b[2J", { path: "/a b", count: 2 });';

  const shown = ["json", "terminal", "journal"].map(
    (form) => node(`${writer}${say}`, [directory, form]).stderr,
  );

  assert.deepEqual(shown, [
    '{"time":"2026-11-23T03:19:20.411Z","level":"warn","message":"cut \\u001b[2J","fields":{"path":"/a b","count":2}}\n',
    '03:19:20.411 warn  cut \\x1b[2J path="/a b" count=2\n',
    '<4>cut \\x1b[2J path="/a b" count=2\n',
  ]);
});

test("createLog() outlives a standard error that nobody reads", () => {
  const close = 'import { closeSync } from "node:fs"; closeSync(2); log.info("unheard");';

  const { status } = node(`${writer}${close}`, [directory, "json"]);

  assert.equal(status, 0);
  assert.ok(existsSync(join(directory, name)));
});

test("createLog() refuses to follow a link in the place of its file", () => {
  const target = join(directory, "target");
  writeFileSync(target, "");
  chmodSync(target, 0o600);
  spawnSync("ln", ["-s", target, join(directory, name)]);
  const log = createLog(settings);

  log.info("not there");

  log.close();
  assert.equal(readFileSync(target, "utf8"), "");
});

test("detectStderrForm() knows the journal by device and inode", () => {
  const script = `
    import { fstatSync } from "node:fs";
    import { detectStderrForm } from "#log/stderr-form.ts";
    const { dev, ino } = fstatSync(2);
    process.stdout.write([undefined, \`\${dev}:\${ino}\`, "1:2"]
      .map((JOURNAL_STREAM) => detectStderrForm({ JOURNAL_STREAM })).join());`;

  const { stdout } = node(script, []);

  assert.equal(stdout, "json,journal,json");
});

function node(script: string, args: readonly string[]) {
  const options = ["--input-type=module", "--eval", script, ...args];
  return spawnSync(process.execPath, options, { encoding: "utf8" });
}
