import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { readConfig } from "#config/read-config.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "config-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test("readConfig() reads the files in conf.d after the file, in the order of their names", () => {
  const file = join(directory, "linuxguard.conf");
  mkdirSync(join(directory, "conf.d"));
  writeFileSync(file, "[log]\nlevel = error\nfiles = 2\n");
  writeFileSync(join(directory, "conf.d/20-b.conf"), "[log]\nlevel = debug\n");
  writeFileSync(join(directory, "conf.d/10-a.conf"), "[log]\nlevel = warn\n");
  writeFileSync(join(directory, "conf.d/30-off.conf.bak"), "[log]\nlevel = info\n");
  writeFileSync(join(directory, "conf.d/.40-hidden.conf"), "[log]\nlevel = info\n");

  const { config } = readConfig(file);

  assert.deepEqual([config.log.level, config.log.files], ["debug", 2]);
});

test("readConfig() refuses a file that is not there or is none", () => {
  const hint = { code: "config.invalid", hint: "Name a file that is there." };

  assert.throws(() => readConfig(join(directory, "none.conf")), hint);
  assert.throws(() => readConfig(directory), {
    message: `Cannot read ${directory}: it is no regular file`,
  });
});

test("readConfig() waits for no pipe that somebody has put in the place of a file", () => {
  const file = join(directory, "linuxguard.conf");
  execFileSync("mkfifo", [file]);

  assert.throws(() => readConfig(file), { message: `Cannot read ${file}: it is no regular file` });
});

test("readConfig() refuses a file that is not UTF-8", () => {
  const file = join(directory, "latin1.conf");
  writeFileSync(file, Buffer.from("[host]\nname = caf\xe9", "latin1"));

  assert.throws(() => readConfig(file), { message: `Cannot read ${file}: it is not UTF-8` });
});
