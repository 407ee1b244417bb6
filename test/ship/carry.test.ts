import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Failure } from "#base/failure.ts";
import { Carrier } from "#ship/carry.ts";
import { type CarriedBatch, readExport, renderExport } from "#ship/export-file.ts";
import type { Identity } from "#ship/identity.ts";
import { Transport } from "#ship/transport.ts";
import { idOf, spoolBatches } from "#test/support/console/batches.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import type { Fault } from "#test/support/console/faults.ts";
import { enrolled } from "#test/support/delivering.ts";
import type { Receipt } from "#wire/shapes.ts";

let folder = "";
let console: Console;
let identity: Identity;
let transport: Transport;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "carry-"));
  console = await startConsole({ folder: join(folder, "console") });
  identity = await enrolled(console);
  transport = new Transport({
    url: console.url,
    authorityPem: console.ca,
    minVersion: "TLSv1.3",
    pins: [],
    deadlineMs: 2_000,
  });
});
afterEach(async () => {
  transport.close();
  await console.stop();
  rmSync(folder, { recursive: true });
});

/** Batches of so many events each, as somebody carries them. */
function carried(...counts: readonly number[]): readonly CarriedBatch[] {
  const kept = spoolBatches(join(folder, "spool"), counts).map((batch, at) => {
    const { header, noteHash } = batch.seal();
    const seal = Buffer.from(header).toString("base64");
    return { ...batch, seal, noteHash, after: at };
  });
  const file = join(folder, "export");
  writeFileSync(file, Buffer.concat([...renderExport(identity, kept, 0)]));
  const fd = openSync(file, "r");
  const batches = [...readExport(fd)];
  closeSync(fd);
  return batches;
}

function poison(...events: readonly number[]): Fault {
  return { kind: "poison", eventIds: new Set(events.map(idOf)), status: 422 };
}

let setAside: string[] = [];

/** Hands batches over; gives the receipts. */
async function carryAll(batches: readonly CarriedBatch[]): Promise<readonly Receipt[]> {
  setAside = [];
  const carrier = new Carrier(transport, (event) => setAside.push(event));
  const receipts = [];
  for (const batch of batches) receipts.push(await carrier.carry(batch));
  return receipts;
}

function idsAside(): readonly string[] {
  return setAside.map((line) => (JSON.parse(line) as { event: { id: string } }).event.id);
}

test("A batch with refused events goes through but for these, and its receipt is whole (R20)", async () => {
  const batches = carried(40, 100, 7);
  console.faults.script = () => poison(41, 90, 139);

  const receipts = await carryAll(batches);

  const { events, refusedEvents, missingEvents, repeatedEvents } = console.store.of(
    identity.agentId,
  ).totals;
  const sums = { events, refusedEvents, missingEvents, repeatedEvents };
  assert.deepEqual(sums, { events: 144, refusedEvents: 3, missingEvents: 0, repeatedEvents: 0 });
  assert.deepEqual(
    receipts.map(({ sequence, hash }) => [sequence, hash]),
    batches.map(({ sequence, hash }) => [sequence, hash]),
  );
  assert.deepEqual(idsAside(), [41, 90, 139].map(idOf));
});

test("A batch that was handed over is known when it comes again, also without its refused event", async () => {
  const batches = carried(10);
  console.faults.script = () => poison(9);

  const first = await carryAll(batches);
  const asideAtFirst = idsAside();
  const again = await carryAll(batches);

  assert.deepEqual(
    [first, again].map(([receipt]) => receipt?.hash),
    [batches[0]?.hash, batches[0]?.hash],
  );
  assert.deepEqual([asideAtFirst, idsAside()], [[idOf(9)], []]);
  assert.equal(console.store.of(identity.agentId).totals.events, 9);
});

test("A batch goes on where it was interrupted, and its refused event is set aside once", async () => {
  const batches = carried(16);
  let left = 6;
  console.faults.script = () => (left-- > 0 ? poison(5) : { kind: "cut" });
  const interrupted = await carryAll(batches).catch((error: unknown) => error);
  const before = idsAside();
  console.faults.script = () => poison(5);

  const [receipt] = await carryAll(batches);

  const { events, refusedEvents, missingEvents } = console.store.of(identity.agentId).totals;
  assert.ok(interrupted instanceof Failure && interrupted.code === "console.unreachable");
  assert.equal(receipt?.sequence, 1);
  assert.deepEqual([...before, ...idsAside()], [idOf(5)]);
  assert.deepEqual([events, refusedEvents, missingEvents], [15, 1, 0]);
});

test("A console that takes no event, no size or no agent ends the handing over", async () => {
  const batches = carried(100);
  const answers: readonly Fault[] = [
    { kind: "answer", status: 400 },
    { kind: "answer", status: 413 },
    { kind: "answer", status: 403 },
  ];
  const said: unknown[] = [];

  for (const answer of answers) {
    console.faults.script = () => answer;
    said.push(await carryAll(batches).catch((error: unknown) => error));
  }

  const messages = said.map((error) => (error instanceof Failure ? error.message : "none"));
  assert.deepEqual(messages, [
    "Cannot hand over batch 1: 400",
    "Cannot hand over batch 1: 413",
    "Cannot hand over batch 1: 403",
  ]);
  assert.equal(console.store.of(identity.agentId).totals.events, 0);
});

test("A carrier can have no part of a batch taken that the agent did not sign", async () => {
  const [batch] = carried(10);
  assert.ok(batch);
  const forged = { ...batch, body: spoolBatches(join(folder, "other"), [10], 500)[0]?.body };

  const said = await carryAll([forged as CarriedBatch]).catch((error: unknown) => error);

  assert.ok(said instanceof Failure);
  assert.match(said.message, /^Cannot hand over batch 1: 400 hash\.invalid/);
  assert.equal(console.store.of(identity.agentId).totals.events, 0);
});
