import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOutcome, syscallOutcome } from "#audit/decode/outcome.ts";

for (const [outcome, words] of [
  ["success", ["success", "yes", "1", "granted", "allowed", "Success"]],
  ["failure", ["failed", "fail", "no", "0", "denied"]],
  ["unknown", ["?", "", undefined, "constructor"]],
] as const) {
  test(`parseOutcome() takes ${words.join(", ")} for ${outcome}`, () => {
    for (const word of words) assert.equal(parseOutcome(word), outcome);
  });
}

test("syscallOutcome() does not take a connect that goes on for a failure", () => {
  assert.equal(syscallOutcome("connect", "no", "-115"), "unknown");
  assert.equal(syscallOutcome("connect", "no", "-111"), "failure");
  assert.equal(syscallOutcome("openat", "no", "-115"), "failure");
  assert.equal(syscallOutcome("exit_group", undefined, undefined), "unknown");
});
