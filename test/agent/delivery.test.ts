import assert from "node:assert/strict";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TestAgent } from "#test/support/agent.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { readSpooled } from "#test/support/spooled.ts";

const log = generateLog({ seed: 4, events: 300, nodes: [""] });
const more = generateLog({ seed: 5, events: 300, nodes: [""] });

test("The agent enrols with the token that lies ready, and delivers every event once", async (context) => {
  await using agent = await TestAgent.create();
  await using console = await consoleOf(agent);
  writeFileSync(agent.logFile, log);
  agent.layToken(console.issueToken());

  const run = agent.start();
  const { console: told } = await agent.until(
    "all delivered",
    ({ console: link, ledger }) =>
      link.state === "connected" && link.lag.events === 0 && ledger.documents > 0,
  );
  appendFileSync(agent.logFile, more);
  await agent.until("the rest", ({ console: link, ledger }) => {
    return ledger.documents >= 600 && ledger.inFlight.lines === 0 && link.lag.events === 0;
  });
  run.signal("SIGTERM");
  await run.ended;

  const spooled = readSpooled(agent.spoolDirectory);
  const store = console.store.of(told.agentId ?? "");
  context.diagnostic(`${spooled.documents} events, ${store.head?.sequence} batches`);
  assert.ok(!existsSync(agent.tokenFile));
  assert.ok(store.heartbeatCount > 0);
  assert.deepEqual([...store.eventIds].toSorted(), [...spooled.ids].toSorted());
});

test("The agent keeps what it has while the console is gone or has revoked it, and says which", async () => {
  await using agent = await TestAgent.create();
  await using console = await consoleOf(agent);
  writeFileSync(agent.logFile, log);
  agent.layToken(console.issueToken());
  const run = agent.start();
  const { console: told } = await agent.until("connected", ({ console: link }) => {
    return link.state === "connected" && link.lag.events === 0 && link.acknowledgedAt !== undefined;
  });
  const known = console.store.of(told.agentId ?? "").eventIds.size;

  console.revoke(told.agentId ?? "");
  appendFileSync(agent.logFile, more);
  const revoked = await agent.until("revoked", ({ console: link }) => link.state === "revoked");
  await console.stop();
  run.signal("SIGTERM");
  await run.ended;

  assert.ok(revoked.health.includes("console_refused"));
  assert.ok(revoked.console.lag.events > 0);
  assert.ok(readSpooled(agent.spoolDirectory).documents > known);
});

async function consoleOf(agent: TestAgent): Promise<Console & AsyncDisposable> {
  const console = await startConsole({ folder: join(agent.folder, "console") });
  let isStopped = false;
  const stop = console.stop.bind(console);
  console.stop = async () => {
    if (!isStopped) await stop();
    isStopped = true;
  };
  return Object.assign(console, { [Symbol.asyncDispose]: async () => await console.stop() });
}
