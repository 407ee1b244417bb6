import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeDirectories } from "#base/make-directories.ts";

test("makeDirectories() makes what is missing, and leaves what is there", () => {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-base-"));

  makeDirectories(join(folder, "a", "b"), 0o750);
  makeDirectories(join(folder, "a", "b"), 0o750);

  assert.ok(existsSync(join(folder, "a", "b")));
  writeFileSync(join(folder, "file"), "");
  assert.throws(() => makeDirectories(join(folder, "file", "c"), 0o750), { code: "ENOTDIR" });
  rmSync(folder, { recursive: true });
});
