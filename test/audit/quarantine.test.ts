import assert from "node:assert/strict";
import { test } from "node:test";
import { Quarantine } from "#audit/quarantine.ts";

test("Quarantine admits as many lines a minute as it may", () => {
  const quarantine = new Quarantine(2);

  assert.deepEqual(
    [0, 1, 59_999].map((nowMs) => quarantine.admit(nowMs)),
    [true, true, false],
  );
  assert.deepEqual(
    [60_000, 60_000, 60_000].map((nowMs) => quarantine.admit(nowMs)),
    [true, true, false],
  );
});

test("Quarantine admits lines again when the clock was set back", () => {
  const quarantine = new Quarantine(1);
  assert.equal(quarantine.admit(7_200_000), true);

  assert.equal(quarantine.admit(0), true);
});

test("Quarantine admits nothing if it may hold nothing", () => {
  assert.equal(new Quarantine(0).admit(0), false);
});
