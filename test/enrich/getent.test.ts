import assert from "node:assert/strict";
import { test } from "node:test";
import { askNameService } from "#enrich/getent.ts";

test("askNameService() names those of the ids that have accounts", async () => {
  const users = await askNameService("passwd", [0, 4_000_000_001]);
  const groups = await askNameService("group", [0]);

  assert.deepEqual([...(users ?? [])], [[0, "root"]]);
  assert.deepEqual([...(groups ?? [])], [[0, "root"]]);
});

test("askNameService() has no answer where the program fails", async () => {
  assert.equal(await askNameService("passwd", [0], "/bin/false"), undefined);
});

test("askNameService() is refused where the program is missing or may not be run", async () => {
  assert.equal(await askNameService("passwd", [0], "/nonexistent/getent"), "refused");
  assert.equal(await askNameService("passwd", [0], "/etc/passwd"), "refused");
});
