import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { renderSample } from "#config/sample.ts";

const someUid = 61_997;
const url = "https://console.example/v1/";
const isRoot = process.geteuid?.() === 0;

let root = "";
let directory = "";
let config = "";
let token = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "configure-"));
  directory = join(root, "linuxguard");
  config = join(directory, "linuxguard.conf");
  token = join(directory, "enrolment-token");
  chmodSync(root, 0o755);
  mkdirSync(directory, { mode: 0o750 });
  give(directory);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Runs it as the agent's account would: a user without rights, and with an umask that takes much away. */
function configure(input: string, args: readonly string[] = ["--stdin"]) {
  const user = [`--reuid=${someUid}`, `--regid=${someUid}`, "--clear-groups"];
  const prefix = isRoot ? ["setpriv", ...user] : [];
  const line = [...prefix, process.execPath, "src/main.ts", "agent", "configure", ...args];
  const command = ["-c", 'umask 0277 && exec "$0" "$@"', ...line, "--config", config];
  const { status, stdout, stderr } = spawnSync("/bin/sh", command, { input, encoding: "utf8" });
  return { status, stdout, stderr };
}

function give(path: string): void {
  if (isRoot) chownSync(path, someUid, someUid);
}

/** Puts a file of the agent's in place. */
function place(path: string, text: string): void {
  writeFileSync(path, text);
  give(path);
}

test("configure puts the console and the token into files of the agent's own", () => {
  const { status, stdout, stderr } = configure(`console.url=${url}\nenrolment.token=abc-123\n`);

  assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  const text = readFileSync(config, "utf8");
  assert.equal(text.replace(`url = ${url}\n`, ""), renderSample());
  assert.equal(statSync(config).mode & 0o7777, 0o640);
  assert.equal(readFileSync(token, "utf8"), "abc-123\n");
  assert.equal(statSync(token).mode & 0o7777, 0o600);
  assert.deepEqual(readdirSync(directory).toSorted(), ["enrolment-token", "linuxguard.conf"]);
});

test("configure keeps what the administrator wrote", () => {
  const text = "# ours\r\n[spool]\r\nsize = 64MiB ; small\r\n[console]\r\nurl = https://a/ # b\r\n";
  place(config, text);

  const { status } = configure("console.url=https://console.example/v1");

  assert.equal(status, 0);
  assert.equal(readFileSync(config, "utf8"), text.replace("https://a/", url));
});

test("configure writes nothing that is as it should be", () => {
  place(config, `[console]\nurl = ${url}\n`);
  const { ino } = statSync(config);

  assert.equal(configure(`console.url=${url}\n`).status, 0);

  assert.equal(statSync(config).ino, ino);
});

test("configure changes nothing for values that are empty", () => {
  place(token, "kept\n");

  assert.equal(configure("\nconsole.url=\nenrolment.token=\n").status, 0);

  assert.equal(readFileSync(token, "utf8"), "kept\n");
  assert.equal(existsSync(config), false);
});

test("configure sets a value beside mistakes, which stay for config check to tell", () => {
  place(config, "[spol]\nsize = 1\n");

  const { status, stderr } = configure(`console.url=${url}`);

  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal(readFileSync(config, "utf8"), `[spol]\nsize = 1\n\n[console]\nurl = ${url}\n`);
});

test("configure tells of a file in conf.d that counts more", () => {
  mkdirSync(join(directory, "conf.d"), { mode: 0o755 });
  writeFileSync(join(directory, "conf.d/site.conf"), "[console]\nurl = https://site.example/\n");

  const { status, stderr } = configure(`console.url=${url}`);

  assert.equal(status, 0);
  assert.match(stderr, /console\.url is set in .*\/conf\.d\/site\.conf:2, too/);
});

const secret = "sesame-open";
const mistakes: readonly (readonly [name: string, input: string, status: number, said: RegExp])[] =
  [
    [
      "an address without encryption",
      "console.url=http://a/",
      78,
      /value is "http:\/\/a\/"\n.*https:/,
    ],
    ["an address with a user name", "console.url=https://u@a/", 78, /without user name/],
    ["an address with a password", "console.url=https://u:p@a/", 78, /without user name/],
    ["an address with a comment sign", "console.url=https://a/;x", 78, /Give an https:/],
    ["an address with a new line", "console.url=https://a/\u2028x", 78, /Give an https:.*/],
    ["no address", "console.url=https://", 78, /Give an https:/],
    ["a long address", `console.url=https://a/${"x".repeat(2_000)}`, 78, /Give an https:/],
    ["a token of two words", `enrolment.token=${secret} ${secret}`, 78, /set enrolment\.token/],
    ["a token that is no ASCII", `enrolment.token=${secret}ü`, 78, /set enrolment\.token/],
    ["a long token", `enrolment.token=${secret.repeat(400)}`, 78, /4096 at most/],
    [
      "a key that is nearly right",
      `enrollment.token=${secret}`,
      64,
      /Did you mean enrolment\.token/,
    ],
    ["a line without a key", secret, 64, /line 1 of standard input/],
    ["a line without a name", `\n=${secret}`, 64, /line 2 of standard input/],
    ["a key that is none", `spool.size=${secret}`, 64, /Give lines console\.url=/],
    ["a token twice", `enrolment.token=${secret}\nenrolment.token=${secret}`, 64, /twice/],
    ["too much", "x".repeat(70_000), 64, /more than 64KiB/],
  ];

for (const [name, input, expected, said] of mistakes) {
  test(`configure refuses ${name}, says so, and changes nothing`, () => {
    const { status, stdout, stderr } = configure(input);

    assert.equal(status, expected, stderr);
    assert.match(stderr, said);
    assert.equal(`${stdout}${stderr}`.includes(secret), false, "A token was told");
    assert.deepEqual(readdirSync(directory), []);
  });
}

test("configure changes nothing if one of two values is wrong", () => {
  const { status } = configure(`console.url=${url}\nenrolment.token=a b\n`);

  assert.equal(status, 78);
  assert.deepEqual(readdirSync(directory), []);
});

test("configure needs to be told where the values come from", () => {
  const { status, stderr } = configure("", []);

  assert.equal(status, 64);
  assert.match(stderr, /--stdin is missing/);
});

test("configure refuses to run as root", () => {
  const command = isRoot ? [] : ["unshare", "--map-root-user"];
  const [program = "", ...args] = [...command, process.execPath, "src/main.ts"];
  const line = [...args, "agent", "configure", "--stdin", "--config", config];

  const { status, stderr } = spawnSync(program, line, {
    input: `console.url=${url}`,
    encoding: "utf8",
  });

  assert.equal(status, 77);
  assert.match(stderr, /runuser -u linuxguard/);
  assert.deepEqual(readdirSync(directory), []);
});

test("configure follows no link in the place of the settings", () => {
  const victim = join(root, "victim");
  place(victim, "[log]\nlevel = warn\n");
  symlinkSync(victim, config);

  const { status, stderr } = configure(`console.url=${url}`);

  assert.equal(status, 78);
  assert.match(stderr, /it is a symbolic link/);
  assert.equal(readFileSync(victim, "utf8"), "[log]\nlevel = warn\n");
  assert.equal(lstatSync(config).isSymbolicLink(), true);
});

test("configure waits for no pipe in the place of the settings", () => {
  spawnSync("mkfifo", [config]);
  give(config);

  const { status, stderr } = configure(`console.url=${url}`);

  assert.equal(status, 78);
  assert.match(stderr, /no regular file/);
});

test("configure puts the token in the place of a link or a further name of a file, not into that file", () => {
  const victim = join(root, "victim");
  place(victim, "untouched");
  for (const plant of [symlinkSync, linkSync]) {
    rmSync(token, { force: true });
    plant(victim, token);

    assert.equal(configure(`enrolment.token=${secret}`).status, 0);

    assert.equal(readFileSync(victim, "utf8"), "untouched");
    assert.equal(lstatSync(token).isFile(), true);
    assert.equal(readFileSync(token, "utf8"), `${secret}\n`);
  }
});

test("configure follows no link in the place of the directory", () => {
  const elsewhere = join(root, "elsewhere");
  mkdirSync(elsewhere);
  give(elsewhere);
  rmSync(directory, { recursive: true });
  symlinkSync(elsewhere, directory);

  const { status, stderr } = configure(`enrolment.token=${secret}`);

  assert.equal(status, 74);
  assert.match(stderr, /a symbolic link; put a directory/);
  assert.deepEqual(readdirSync(elsewhere), []);
  rmSync(directory);
  mkdirSync(directory);
});

test("configure says what to do where it may not write", () => {
  rmSync(directory, { recursive: true });
  mkdirSync(directory, { mode: 0o555 });
  if (isRoot) chownSync(directory, 0, 0);

  const { status, stderr } = configure(`console.url=${url}`);

  assert.equal(status, 74);
  assert.match(stderr, /Cannot write .*linuxguard\.conf: the error is EACCES\n.*Run as linuxguard/);
});
