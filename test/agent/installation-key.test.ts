import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { readInstallationKey } from "#agent/installation-key.ts";

let folder = "";
let warned: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "installation-key-"));
  warned = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function read(directory: string): string {
  const warn = (message: string) => warned.push(message);
  const nothing = () => undefined;
  const log = { error: nothing, warn, info: nothing, debug: nothing };
  return Buffer.from(readInstallationKey(directory, log)).toString("hex");
}

test("readInstallationKey() makes a key once, for nobody else to read", () => {
  const state = join(folder, "state");

  const key = read(state);

  assert.match(key, /^[0-9a-f]{64}$/);
  assert.equal(read(state), key);
  assert.equal(statSync(join(state, "installation.key")).mode & 0o777, 0o600);
  assert.deepEqual(warned, []);
});

test("readInstallationKey() makes another where the file holds no whole key", () => {
  const path = join(folder, "installation.key");
  writeFileSync(path, "abc\n");

  const key = read(folder);

  assert.equal(readFileSync(path, "latin1"), `${key}\n`);
});

test("readInstallationKey() gives a key also where none can be kept, and says so", () => {
  writeFileSync(join(folder, "file"), "");

  const key = read(join(folder, "file", "state"));

  assert.match(key, /^[0-9a-f]{64}$/);
  assert.equal(warned.length, 1);
});
