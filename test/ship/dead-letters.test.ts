import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Failure } from "#base/failure.ts";
import { DeadLetters } from "#ship/dead-letters.ts";

test("DeadLetters follows no symbolic link, however large the file behind it is", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "dead-letters-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const other = join(folder, "other");
  writeFileSync(other, "line\n".repeat(100));
  const path = join(folder, "refused");
  symlinkSync(other, path);

  const add = () => new DeadLetters(path, 50).add(["an event"]);

  assert.throws(add, (error) => error instanceof Failure && error.code === "output.unwritable");
  assert.equal(readFileSync(other, "utf8"), "line\n".repeat(100));
});
