import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { verifySpool } from "#spool/verify.ts";
import { type AgentRun, TestAgent } from "#test/support/agent.ts";
import { assertBalanced } from "#test/support/ledger.ts";
import type { WriterTotals } from "#test/support/log-writer.ts";
import { countedLines, readSpooled } from "#test/support/spooled.ts";

const leastKills = 200;
const leastRotations = 1_000;
/** Far more than are rotated while the agent is away. */
const keptFiles = 400;

test("The agent, killed at any moment while the log is rotated, delivers every event exactly once", async (context) => {
  const started = Date.now();
  await using agent = await TestAgent.create();
  // As the disk of the test may be nearly full, and all of it is to be looked at in the end.
  agent.configure({ spool: ["size = 4GiB", "free_floor = 0B"] });
  const seed = Math.floor(Math.random() * 2 ** 31);
  const writer = new Writer(agent.logFile, seed);

  let kills = 0;
  const chance = createChance(seed);
  while (kills < leastKills || writer.totals.rotations < leastRotations) {
    await killAtSomeMoment(agent, chance);
    kills++;
  }
  const totals = await writer.stop();
  const last = agent.start();
  await agent.until("the end of the log", ({ ledger }) => {
    return ledger.read.bytes >= totals.bytes && ledger.inFlight.lines === 0;
  });
  last.signal("SIGTERM");
  const end = await last.ended;

  assert.deepEqual({ code: end.code, signal: end.signal }, { code: 0, signal: null });
  const spooled = readSpooled(agent.spoolDirectory);
  const lost = totals.events - spooled.serials.size;
  const sum = { ...totals, delivered: spooled.serials.size, doubled: spooled.doubled, lost, kills };
  for (const [name, value] of Object.entries({ ...sum, seed }))
    context.diagnostic(`${name} ${value}`);
  context.diagnostic(`documents ${spooled.documents}, batches ${spooled.batches}`);
  context.diagnostic(`seconds ${((Date.now() - started) / 1_000).toFixed(0)}`);
  assert.deepEqual({ lost, doubled: spooled.doubled }, { lost: 0, doubled: 0 });
  assert.deepEqual(spooled.others, []);
  const { ledger } = spooled.note ?? assert.fail("The newest batch carries a note");
  assertBalanced(ledger);
  assert.deepEqual(ledger.losses, {});
  assert.deepEqual(
    { lines: spooled.lines + countedLines(ledger), checksum: spooled.checksum },
    { lines: totals.lines, checksum: totals.checksum },
  );
  assert.equal(ledger.read.bytes, totals.bytes);
  assert.equal(ledger.documents, spooled.documents);
  assert.equal(verifySpool(agent.spoolDirectory).broken, undefined);
});

/** Lets the agent run for a while: until it starts, until it appends, or for some time after that. */
async function killAtSomeMoment(agent: TestAgent, chance: () => number): Promise<void> {
  const run = agent.start();
  const kind = chance();
  if (kind < 0.2) await sleep(chance() * 150);
  else {
    await untilAppended(agent.spoolDirectory, run);
    if (kind < 0.5) await sleep(chance() * 4);
    else await sleep(chance() * 700);
  }
  run.signal("SIGKILL");
  const { signal, stderr } = await run.ended;
  assert.equal(signal, "SIGKILL", stderr);
}

/** Waits for the first change of the spool's segments, which is an append. */
async function untilAppended(directory: string, run: AgentRun): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watch(directory, (_event, name) => {
    if (name?.endsWith(".spool") === true) resolve();
  });
  await Promise.race([promise, run.ended, sleep(5_000)]);
  watcher.close();
}

/** A generator of numbers from 0 to 1 that gives the same ones for a seed. */
function createChance(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The process that writes the log. */
class Writer {
  readonly #child: ChildProcess;
  totals: WriterTotals = { events: 0, lines: 0, bytes: 0, rotations: 0, checksum: 0 };

  constructor(path: string, seed: number) {
    const args = ["test/support/log-writer.ts", path, String(keptFiles), String(seed)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.totals = JSON.parse(line) as WriterTotals;
    });
    this.#child = child;
  }

  async stop(): Promise<WriterTotals> {
    const closed = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    const [code] = (await closed) as [number | null];
    assert.equal(code, 0);
    return this.totals;
  }
}
