import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const secrets = ["hunter2hunter2", "ghp_0123456789abcdefghijABCDEFGHIJ012345"];

test("linuxguard support-bundle writes what there is, for its owner alone, without credentials", (context) => {
  const { folder, run } = installation(context);

  const { status, stdout, stderr } = run(`--output=${join(folder, "bundle.tar.gz")}`);

  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal(statSync(join(folder, "bundle.tar.gz")).mode & 0o777, 0o600);
  const unpacked = unpack(folder);
  assert.deepEqual(Object.keys(unpacked).toSorted(), [
    "about.json",
    "config-check.json",
    "config-list.json",
    "doctor.json",
    "linuxguard-agent.log",
    "linuxguard-agent.log.1",
    "report.txt",
    "spool.json",
    "status.json",
    "verify.json",
  ]);
  const all = Object.values(unpacked).join("\n");
  for (const secret of secrets) assert.ok(!all.includes(secret), secret);
  assert.match(unpacked["linuxguard-agent.log"] ?? "", /password=<redacted:[0-9a-f]{12}>/);
  assert.match(unpacked["report.txt"] ?? "", /^log\/linuxguard-agent\.log +\d+ bytes, 1 cred/m);
  assert.match(stdout, /^9 files, 2 credentials replaced$/m);
  assert.match(unpacked["status.json"] ?? "", /"running":"stopped"/);
});

test("linuxguard support-bundle --preview tells what would be in it, and writes nothing", (context) => {
  const { folder, run } = installation(context);
  const before = readdirSync(folder);

  const { status, stdout } = run("--preview");

  assert.equal(status, 0);
  assert.match(stdout, /^verify\.json +\d+ bytes$/m);
  assert.match(stdout, /^9 files, 2 credentials replaced$/m);
  assert.deepEqual(readdirSync(folder), before);
});

test("linuxguard support-bundle keeps within its size: the oldest lines of logs give way, and it says so", (context) => {
  const { folder, run } = installation(context, 60_000);

  const { stdout } = run("--max-size=64KiB", `--output=${join(folder, "bundle.tar.gz")}`);

  const unpacked = unpack(folder);
  const { "report.txt": _, ...parts } = unpacked;
  const bytes = Object.values(parts).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  assert.ok(bytes <= 65_536, `${bytes}`);
  assert.equal(unpacked["linuxguard-agent.log.1"], "");
  assert.match(unpacked["linuxguard-agent.log"] ?? "", /line 59999\n$/);
  assert.match(stdout, /^log\/linuxguard-agent\.log +.*\d+ bytes of its beginning left out$/m);
});

test("linuxguard support-bundle overwrites nothing, and says what is wrong with a size", (context) => {
  const { folder, run } = installation(context);
  writeFileSync(join(folder, "bundle.tar.gz"), "mine");

  const there = run(`--output=${join(folder, "bundle.tar.gz")}`);
  const size = run("--max-size=much");

  assert.equal(there.status, 74);
  assert.match(there.stderr, /it is there already/);
  assert.equal(readFileSync(join(folder, "bundle.tar.gz"), "utf8"), "mine");
  assert.equal(size.status, 64);
  assert.ok(!existsSync(join(folder, "linuxguard-support")));
});

/** Settings, a spool that is not there, and two log files with a secret in each. */
function installation(context: TestContext, lines = 3) {
  const folder = mkdtempSync(join(tmpdir(), "support-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const log = join(folder, "log");
  mkdirSync(log);
  const filler = Array.from({ length: lines }, (_, line) => `line ${line}\n`).join("");
  writeFileSync(join(log, "linuxguard-agent.log"), `https://x/?password=${secrets[0]}\n${filler}`);
  writeFileSync(join(log, "linuxguard-agent.log.1"), `token ${secrets[1]} was seen\n${filler}`);
  const config = join(folder, "linuxguard.conf");
  const directories = ["[spool]", `directory = ${folder}/spool`, "[log]", `directory = ${log}`];
  const agent = ["[agent]", `runtime_directory = ${folder}`];
  writeFileSync(config, `${[...directories, ...agent].join("\n")}\n`);
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, ["src/main.ts", "support-bundle", "-c", config, ...args], {
      encoding: "utf8",
      env: {},
    });
  return { folder, run };
}

/** The texts in the bundle by the last part of their names. */
function unpack(folder: string): Readonly<Record<string, string>> {
  const target = join(folder, "unpacked");
  mkdirSync(target);
  const { status } = spawnSync("tar", ["-xzf", join(folder, "bundle.tar.gz"), "-C", target]);
  assert.equal(status, 0);
  const names = readdirSync(target, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((each) => each.isFile())
      .map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name), "utf8")]),
  );
}
