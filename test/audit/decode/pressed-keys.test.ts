import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderPressedKeys } from "#audit/decode/pressed-keys.ts";
import { bytesOf } from "#audit/decode/scan.ts";

test("renderPressedKeys() names the keys that are no text", () => {
  const data = bytesOf("ls -l\r\u001b[A\u001b[3~\u001bOP\t\u007f\u0003\u001bx\n");

  assert.equal(renderPressedKeys(data), "ls -l<ret><up><delete><F1><tab><backspace><^C><esc>x<nl>");
});

test("renderPressedKeys() keeps text that is UTF-8", () => {
  assert.equal(renderPressedKeys(new Uint8Array(Buffer.from("äß\r"))), "äß<ret>");
});

test("renderPressedKeys() takes any bytes and leaves no control character but what UTF-8 makes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (data) => {
      const rendered = renderPressedKeys(data);

      assert.ok([...rendered].every((character) => character >= " " && character !== "\u007f"));
    }),
  );
});
