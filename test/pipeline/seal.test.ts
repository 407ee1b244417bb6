import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Seal } from "#pipeline/seal.ts";

const key = Buffer.alloc(32, 1);

test("A seal opens what one with the same key closed, and what it closed shows nothing of it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 200 }), (bytes) => {
      const sealed = Buffer.from(new Seal(key).close(bytes));

      assert.ok(!sealed.includes(bytes));
      assert.deepEqual(new Seal(key).open(sealed), bytes);
    }),
  );
});

test("A seal does not open what was changed, cut, or closed with another key", () => {
  const sealed = Buffer.from(new Seal(key).close(Buffer.from("type=EXECVE")));
  const changed = Buffer.from(sealed);
  changed[30] = (changed[30] ?? 0) ^ 1;

  assert.equal(new Seal(key).open(changed), undefined);
  assert.equal(new Seal(key).open(sealed.subarray(0, -1)), undefined);
  assert.equal(new Seal(key).open(sealed.subarray(0, 20)), undefined);
  assert.equal(new Seal(Buffer.alloc(32, 2)).open(sealed), undefined);
});
