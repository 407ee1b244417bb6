import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { startConsole } from "#test/support/console/console.ts";
import type { Fault } from "#test/support/console/faults.ts";
import { Delivering, enrolled } from "#test/support/delivering.ts";

const answersToTry = 400;

const headerValue = fc.oneof(
  fc.constantFrom("gzip", "zstd", "br", "identity", "chunked", "0", "-1", "99999999999", "junk"),
  fc.constantFrom("http://127.0.0.1:1/", "file:///etc/passwd", "a=b; Path=/", "application/json"),
  fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((n) => String.fromCharCode(n)) }),
);
const headerName = fc.constantFrom(
  "content-encoding",
  "content-type",
  "location",
  "refresh",
  "retry-after",
  "set-cookie",
  "x-run",
  "upgrade",
  "date",
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }),
  fc.json({ maxDepth: 6 }),
  fc.constantFrom(
    "",
    "null",
    "[",
    '{"accepted_through":1e999}',
    '{"accepted_through":-1}',
    '{"accepted_through":"1"}',
    '{"__proto__":{"accepted_through":1}}',
    `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`,
    `{"code":"run","message":"x","command":"touch /tmp/x","path":"../../x"}`,
    '{"accepted_through":0,"policy":{"url":"http://127.0.0.1/"},"settings":{"spool":0}}',
    "x".repeat(2_000_000),
  ),
);
const status = fc.oneof(
  fc.constantFrom(100, 101, 103, 200, 201, 202, 204, 206, 301, 302, 304, 307, 308),
  fc.constantFrom(400, 401, 403, 404, 407, 409, 412, 413, 415, 422, 429, 451, 500, 503, 511),
  fc.integer({ min: 200, max: 999 }),
);
const answer: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      status: status.filter((code) => code >= 200),
      headers: fc.dictionary(headerName, headerValue, { maxKeys: 4 }),
      body,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "cut" }) },
  { weight: 1, arbitrary: fc.constant({ kind: "endless" }) },
  { weight: 1, arbitrary: fc.constant({ kind: "bomb", sizeBytes: 10_000_000 }) },
);

test("A hostile console does not crash the agent, write anything, or have anything forgotten", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const console = await startConsole({ folder: join(folder, "console") });
  await using delivering = new Delivering(folder, await enrolled(console));
  const seed = Math.floor(Math.random() * 2 ** 31);
  context.diagnostic(`seed ${seed}`);
  const faults = fc.sample(answer, { seed, numRuns: answersToTry });
  let told = 0;
  console.faults.script = () => faults[told++];
  for (let batch = 0; batch < 3; batch++) delivering.append(5);

  delivering.start({ random: () => 0, heartbeatMs: 1 });
  // Another identity wakes those who wait for one, and for a console that says to come back later.
  await delivering.until("all answers given", () => {
    if (delivering.identity !== undefined) delivering.identity = { ...delivering.identity };
    return told >= answersToTry;
  });
  await delivering.stop();
  delivering.start({ random: () => 0 });
  const { rejected } = await delivering.untilDelivered();

  const { events } = console.store.of(delivering.identity?.agentId ?? "").totals;
  context.diagnostic(`${told} answers, ${events} events stored, ${rejected} set aside`);
  assert.deepEqual(
    readdirSync(folder)
      .filter((name) => name !== "dead-letter.ndjson")
      .toSorted(),
    ["console", "spool"],
  );
  assert.equal(Reflect.get({}, "accepted_through"), undefined);
  assert.ok(delivering.spool.head.documents === 15);
  await console.stop();
});
