import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { bodyOf, idOf, spoolBatches } from "#test/support/console/batches.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import { spawnConsole } from "#test/support/console/process.ts";
import { enrol, post, said, sendBatch } from "#test/support/console/raw-client.ts";

let folder = "";
let nowMs = 0;
let console: Console;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "console-"));
  nowMs = Date.now();
  console = await startConsole({ folder: join(folder, "console"), now: () => nowMs });
});
afterEach(async () => {
  await console.stop();
  rmSync(folder, { recursive: true });
});

function idsUpTo(end: number): readonly string[] {
  return Array.from({ length: end }, (_, n) => idOf(n));
}

test("A console stores the batches of an agent that enrolled, byte for byte", async () => {
  const agent = await enrol(console, console.issueToken());
  const batches = spoolBatches(join(folder, "spool"), [3, 0, 6]);

  for (const batch of batches) {
    const { status, value } = await sendBatch(agent, batch);
    assert.deepEqual([status, value], [200, { accepted_through: batch.sequence }]);
  }

  const store = console.store.of(agent.agentId);
  const bodies: Uint8Array[] = [];
  for await (const { body } of store.batches()) bodies.push(body);
  assert.deepEqual(
    bodies,
    batches.map(({ body }) => Buffer.from(body)),
  );
  assert.deepEqual([...store.eventIds], idsUpTo(9));
  assert.deepEqual(store.head, { sequence: 3, hash: batches[2]?.hash });
  assert.equal(store.totals.missingEvents, 0);
  assert.equal(store.totals.severities["0"], 1);
});

test("A console takes a batch once and acknowledges every repeat", async () => {
  const agent = await enrol(console, console.issueToken());
  const [first, second] = spoolBatches(join(folder, "spool"), [2, 2]);
  assert.ok(first !== undefined && second !== undefined);

  const answers = [first, first, second, first].map((batch) => async () => {
    return said(await sendBatch(agent, batch));
  });
  const inOrder: string[] = [];
  for (const answer of answers) inOrder.push(await answer());
  const atOnce = await Promise.all([sendBatch(agent, second), sendBatch(agent, second)]);

  assert.deepEqual(inOrder, ["200", "409 batch.known", "200", "409 batch.known"]);
  assert.deepEqual(atOnce.map(said), ["409 batch.known", "409 batch.known"]);
  assert.equal(Reflect.get(atOnce[0]?.value ?? {}, "accepted_through"), 2);
  const { events, repeats, repeatedEvents } = console.store.of(agent.agentId).totals;
  assert.deepEqual(
    { events, repeats, repeatedEvents },
    { events: 4, repeats: 4, repeatedEvents: 0 },
  );
});

test("A console refuses what does not continue the chain, until an operator takes it", async () => {
  const agent = await enrol(console, console.issueToken());
  const [first, second] = spoolBatches(join(folder, "spool"), [2, 2]);
  const [, other, third] = spoolBatches(join(folder, "other"), [1, 3, 1], 10);
  assert.ok(first && second && other && third);
  for (const batch of [first, second]) await sendBatch(agent, batch);
  const store = console.store.of(agent.agentId);

  const rewritten = said(await sendBatch(agent, other));
  const branched = said(await sendBatch(agent, third));
  await store.allowRestart(nowMs);
  const taken = said(await sendBatch(agent, other));
  const continued = said(await sendBatch(agent, third));

  assert.deepEqual([rewritten, branched], ["412 chain.broken", "412 chain.broken"]);
  assert.deepEqual([taken, continued], ["200", "200"]);
  assert.deepEqual([store.totals.breaks, store.totals.restarts], [2, 1]);
});

test("A console refuses a batch that is another than the one which a heartbeat told of", async () => {
  const agent = await enrol(console, console.issueToken());
  const [first, second, third] = spoolBatches(join(folder, "spool"), [2, 2, 2]);
  assert.ok(first && second && third);
  await sendBatch(agent, first);

  const heartbeat = await post(agent, "heartbeat", {
    body: renderHeartbeat({ sequence: 3, hash: "f".repeat(64) }),
  });
  const untouched = said(await sendBatch(agent, second));
  const edited = said(await sendBatch(agent, third));

  assert.deepEqual(heartbeat.value, { console_time: new Date(nowMs).toISOString() });
  assert.equal(console.store.of(agent.agentId).heartbeat?.ledger.documents, 7);
  assert.deepEqual([untouched, edited], ["200", "412 chain.broken"]);
});

test("A console counts what was shed before it came, exactly", async () => {
  const agent = await enrol(console, console.issueToken());
  const batches = spoolBatches(join(folder, "spool"), [2, 3, 4, 1]);

  const store = console.store.of(agent.agentId);
  for (const n of [1, 3]) {
    const batch = batches[n];
    assert.ok(batch);
    assert.equal(said(await sendBatch(agent, batch)), "200");
  }

  assert.equal(store.totals.events, 4);
  assert.equal(store.totals.missingEvents, 6);
});

test("A console puts a batch together from its pieces, but for an event that it refuses", async () => {
  const poison = { kind: "poison", eventIds: new Set([idOf(2)]), status: 422 } as const;
  const agent = await enrol(console, console.issueToken());
  const [batch] = spoolBatches(join(folder, "spool"), [4]);
  assert.ok(batch);
  console.faults.script = () => poison;
  const piece = async (from: number, to: number) => {
    const range = { from, to, of: 4 };
    return await sendBatch(agent, batch, { range, body: bodyOf(from, to) });
  };

  const whole = await sendBatch(agent, batch);
  const halves = [await piece(0, 2), await piece(2, 4)];
  const quarters = [await piece(2, 3), await piece(3, 4)];

  assert.deepEqual(Reflect.get(whole.value ?? {}, "event_ids"), [idOf(2)]);
  assert.deepEqual(halves.map(said), ["200", "422 event.refused"]);
  assert.deepEqual(halves[0]?.value, { accepted_through: 0 });
  assert.deepEqual(quarters.map(said), ["422 event.refused", "200"]);
  assert.deepEqual(quarters[1]?.value, { accepted_through: 1 });
  const { events, refusedEvents, missingEvents } = console.store.of(agent.agentId).totals;
  assert.deepEqual([events, refusedEvents, missingEvents], [3, 1, 0]);
});

test("A console believes nothing of a batch that it cannot prove", async () => {
  const agent = await enrol(console, console.issueToken());
  const [batch] = spoolBatches(join(folder, "spool"), [3]);
  assert.ok(batch);
  const flipped = Buffer.from(batch.body);
  flipped[10] = 255 - (flipped[10] ?? 0);
  const range = { from: 0, to: 3, of: 3 };
  const inPiece = (body: Uint8Array) => ({ range, body });

  const answers = [
    await sendBatch(agent, { ...batch, body: flipped }),
    await sendBatch(agent, { ...batch, hash: "0".repeat(64) }),
    await sendBatch(agent, { ...batch, sequence: 2 }),
    await sendBatch(agent, batch, inPiece(Buffer.from("no zstd"))),
    await sendBatch(agent, batch, inPiece(bodyOf(0, 2))),
    await sendBatch(agent, batch, inPiece(bodyOf(0, 100_000))),
    await post(agent, "batches", { body: batch.body }),
  ];

  assert.deepEqual(answers.map(said), [
    "400 hash.invalid",
    "400 hash.invalid",
    "400 seal.invalid",
    "400 body.invalid",
    "400 body.count",
    "400 body.invalid",
    "415 body.type",
  ]);
  assert.equal(console.store.of(agent.agentId).totals.batches, 0);
});

test("A console that is killed after the acknowledgement has everything when it is back", async () => {
  const killed = await spawnConsole(join(folder, "killed"));
  const agent = await enrol(killed, killed.token);
  const batches = spoolBatches(join(folder, "spool"), [3, 2, 4]);
  const [first, second, third] = batches;
  assert.ok(first && second && third);
  for (const batch of [first, second]) assert.equal((await sendBatch(agent, batch)).status, 200);

  await killed.kill();
  const journal = join(folder, "killed", "agents", `${agent.agentId}.journal`);
  const { size } = statSync(journal);
  const back = await spawnConsole(join(folder, "killed"), killed.port);
  const repeated = await sendBatch(agent, second);
  const next = await sendBatch(agent, third);
  await back.kill();
  // A third append that power was lost in the middle of.
  truncateSync(journal, size + 20);
  const last = await startConsole({ folder: join(folder, "killed") });
  const { head, eventIds } = last.store.of(agent.agentId);
  await last.stop();

  assert.deepEqual([said(repeated), said(next)], ["409 batch.known", "200"]);
  assert.deepEqual(head, { sequence: 2, hash: second.hash });
  assert.deepEqual([...eventIds], idsUpTo(5));
});

function renderHeartbeat(head: { readonly sequence: number; readonly hash: string }): string {
  const lines = { lines: 9, bytes: 900 };
  const time = new Date(nowMs).toISOString();
  return JSON.stringify({
    agent_version: "0.0.0",
    sent_at: time,
    started_at: time,
    health: ["lagging"],
    ledger: {
      read: lines,
      in_flight: lines,
      fates: { delivered: lines },
      documents: 7,
      losses: {},
    },
    head,
    lag: { events: 1, bytes: 2, seconds: 3 },
    canary: { state: "alive", sent: 1, seen: 1, missed: 0 },
  });
}
