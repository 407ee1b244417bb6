import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { TestAgent } from "#test/support/agent.ts";
import { eventOf } from "#test/support/severity-events.ts";

/** What an agent is told of its console, and what a spool that fills up keeps for it. */
const cases = [
  { expected: "yes", sheds: "spool_pressed" },
  { expected: "no", sheds: undefined },
] as const;
const events = 80_000;

for (const { expected, sheds } of cases) {
  test(`With console.expected = ${expected} an agent that no console knows sheds ${sheds ?? "only what is oldest"}`, async () => {
    await using agent = await TestAgent.create();
    agent.configure({
      spool: ["size = 64MiB", "segment_size = 4MiB", "free_floor = 0B"],
      console: [`expected = ${expected}`],
    });
    writeFileSync(agent.logFile, log);

    const run = agent.start();
    const { console, ledger, spool } = await agent.until("all read", (status) => {
      return status.ledger.read.bytes === log.length && status.ledger.inFlight.lines === 0;
    });
    run.signal("SIGTERM");
    await run.ended;

    const pressed = ledger.losses.spool_pressed?.events ?? 0;
    assert.equal(ledger.documents + pressed, events);
    assert.equal(pressed > 0 ? "spool_pressed" : undefined, sheds);
    assert.equal(spool.shedsBelow, sheds === undefined ? undefined : "high");
    assert.ok(sheds === undefined ? console.shed > 0 : console.shed === 0);
  });
}

/** More than the smallest spool holds: half of such a name is left when it is compressed. */
const log = Buffer.from(
  Array.from({ length: events }, (_, index) => {
    const cwd = `type=CWD msg=audit(1700000000.000:${index + 1}): cwd="/${randomBytes(900).toString("hex")}"`;
    return eventOf("ordinary", index + 1).replace("\n", `\n${cwd}\n`);
  }).join(""),
);
