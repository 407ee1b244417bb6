import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Logger } from "#base/logger.ts";
import { Canary } from "#pipeline/canary.ts";

/** Nobody can make a directory there, not even root. */
const refused = "/proc";
const intervalMs = 60_000;
const healthy = { hasAccess: true, bytesBehind: 0, readBytes: 100 };

test("Canary is off where there is nothing to act on", () => {
  const { canary } = create("/nowhere");

  canary.tick(0, healthy);

  assert.deepEqual(canary.status, { state: "off", sent: 0, seen: 0, missed: 0 });
});

test("Canary acts at once, then at its interval, and waits for no other event", () => {
  const { canary } = create(refused);

  canary.tick(0, healthy);
  canary.see(Buffer.from('{"file":{"path":"/proc/.canary"},"body":"a1=7fffffff8 a2=0"}'), 10);
  canary.tick(intervalMs - 1, healthy);
  const before = canary.status;
  canary.tick(intervalMs, healthy);

  assert.deepEqual(before, { state: "waiting", sent: 1, seen: 0, missed: 1, cause: "no_records" });
  assert.equal(canary.status.sent, 2);
});

test("Canary is missed after two misses in a row, and names the likely cause", () => {
  const ways = [
    [{ ...healthy, hasAccess: false }, "no_access"],
    [{ ...healthy, bytesBehind: 9 }, "behind"],
    [healthy, "no_records"],
    [{ ...healthy, readBytes: 101 }, "no_rule"],
  ] as const;
  for (const [way, cause] of ways) {
    const { canary } = create(refused);

    canary.tick(0, healthy);
    canary.tick(30_000, way);
    const { state } = canary.status;
    canary.tick(intervalMs, healthy);
    canary.tick(intervalMs + 30_000, way);

    assert.equal(state, "waiting");
    assert.deepEqual(canary.status, { state: "missed", sent: 2, seen: 0, missed: 2, cause });
  }
});

test("Canary leaves nothing behind and says so where the agent may write", (context) => {
  const directory = temporaryFolder(context);
  const { canary, logged } = create(directory);

  canary.tick(0, healthy);

  assert.deepEqual(readdirSync(directory), []);
  assert.deepEqual(logged, ["the agent may write where it must not"]);
});

function create(directory: string) {
  const logged: string[] = [];
  const log = (message: string) => void logged.push(message);
  const logger: Logger = { error: log, warn: log, info: log, debug: log };
  return { canary: new Canary({ directory, intervalMs, log: logger }), logged };
}

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "canary-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
