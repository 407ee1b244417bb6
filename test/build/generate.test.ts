import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findStale, generators } from "#build/generate.ts";

test("The generated files are what the generators give", async () => {
  assert.deepEqual(await findStale(generators), []);
});

test("findStale() names a file that differs and one that is missing", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-generate-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const current = join(folder, "current");
  const other = join(folder, "other");
  const missing = join(folder, "missing");
  writeFileSync(current, "text");
  writeFileSync(other, "text of before");
  const files = new Map([current, other, missing].map((path) => [path, "text"]));

  const stale = await findStale([() => files, async () => await Promise.resolve(new Map())]);

  assert.deepEqual(stale, [other, missing]);
});
