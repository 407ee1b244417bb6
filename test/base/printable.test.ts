import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escapeJson, escapeUnprintable } from "#base/printable.ts";

test("escapeUnprintable() escapes controls, bidi marks and lone surrogates, and keeps letters", () => {
  const text = "a\u001b[31m\u0085\u202eé漢\u{1f600}\ud800\u2028";

  assert.equal(escapeUnprintable(text), "a\\x1b[31m\\x85\\u{202e}é漢\u{1f600}\\u{d800}\\u{2028}");
});

test("escapeJson() keeps the value of any text and leaves nothing that is not printable", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = escapeJson(JSON.stringify(text));

      assert.equal(JSON.parse(json), text);
      assert.doesNotMatch(json, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
