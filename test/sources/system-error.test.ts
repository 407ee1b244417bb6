import assert from "node:assert/strict";
import { readSync, statSync } from "node:fs";
import { test } from "node:test";
import { codeOf } from "#sources/system-error.ts";

test("codeOf() gives the code of what the system says", () => {
  assert.equal(codeOf(caught(() => statSync("/nothing/here"))), "ENOENT");
});

test("codeOf() lets a bug through, also one that Node has a code for", () => {
  const wrongArgument = caught(() => readSync(-1, Buffer.alloc(1), 0, 2, 0));

  for (const bug of [wrongArgument, new TypeError("bug"), "bug"]) {
    assert.throws(
      () => codeOf(bug),
      (thrown) => thrown === bug,
    );
  }
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return assert.fail("Nothing was thrown");
}
