import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseStrictly } from "#test/support/strict-json.ts";

test("parseStrictly() parses what JSON.parse does", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(parseStrictly(text), JSON.parse(text));
    }),
  );
});

for (const text of [
  '{"a":1,"a":2}',
  '[{"b":{"a":1,"\\u0061":[]}}]',
  '{"a":{},"b":"\\"a\\":","a":0}',
]) {
  test(`parseStrictly() throws for ${text}`, () => {
    assert.throws(() => parseStrictly(text), SyntaxError);
  });
}
