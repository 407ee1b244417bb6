import assert from "node:assert/strict";
import { test } from "node:test";
import { findNearest } from "#base/nearest.ts";

const names = ["log_file", "flush_interval", "size", "level"];

test("findNearest() finds the name behind a typo", () => {
  const meant = ["logfile", "flush_intervall", "sizes", "levle"].map((text) =>
    findNearest(text, names),
  );

  assert.deepEqual(meant, ["log_file", "flush_interval", "size", "level"]);
});

test("findNearest() finds nothing where nothing is near", () => {
  assert.equal(findNearest("password", names), undefined);
  assert.equal(findNearest("", names), undefined);
});
