import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { Identity } from "#ship/identity.ts";
import { type OutgoingBatch, type Shipment, Shipper } from "#ship/shipper.ts";
import { Transport } from "#ship/transport.ts";
import { idOf, spoolBatches } from "#test/support/console/batches.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import type { Fault } from "#test/support/console/faults.ts";
import { enrolled } from "#test/support/delivering.ts";

let folder = "";
let console: Console;
let identity: Identity;
let transport: Transport;
const { signal } = new AbortController();
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "shipper-"));
  console = await startConsole({ folder: join(folder, "console") });
  identity = await enrolled(console);
  transport = new Transport({
    url: console.url,
    authorityPem: console.ca,
    certificatePem: identity.certificatePem,
    keyPem: identity.keyPem,
    minVersion: "TLSv1.3",
    pins: [],
    deadlineMs: 1_000,
  });
});
afterEach(async () => {
  transport.close();
  await console.stop();
  rmSync(folder, { recursive: true });
});

function batchesOf(...counts: readonly number[]): readonly OutgoingBatch[] {
  return spoolBatches(join(folder, "spool"), counts).map((batch) => {
    const { header, noteHash } = batch.seal();
    return { ...batch, seal: Buffer.from(header).toString("base64"), noteHash };
  });
}

function batchOf(count: number): OutgoingBatch {
  return batchesOf(count)[0] ?? assert.fail("a batch");
}

function poison(...events: readonly number[]): Fault {
  return { kind: "poison", eventIds: new Set(events.map(idOf)), status: 422 };
}

function totals() {
  const { events, refusedEvents, missingEvents, repeatedEvents } = console.store.of(
    identity.agentId,
  ).totals;
  return { events, refusedEvents, missingEvents, repeatedEvents };
}

/** What became of a batch, with the ids of the events that were refused. */
function said(shipment: Shipment): string {
  switch (shipment.kind) {
    case "delivered": {
      const lines = shipment.rejected.map((line) => JSON.parse(line) as { event: { id: string } });
      return ["delivered", ...lines.map(({ event }) => Number.parseInt(event.id, 16))].join(" ");
    }
    case "retry":
      return `retry ${shipment.why} ${shipment.afterMs}`;
    case "auth":
      return `auth ${shipment.code}`;
    default:
      return shipment satisfies never;
  }
}

test("Shipper delivers the bytes of the spool, and hears of what is there already", async () => {
  const shipper = new Shipper(transport);
  const [first, second] = batchesOf(3, 4);
  assert.ok(first && second);

  const shipments = [first, first, second].map(async (batch) => await shipper.send(batch, signal));
  const became = (await Promise.all(shipments)).map(said);

  const bodies = [];
  for await (const { body } of console.store.of(identity.agentId).batches()) bodies.push(body);
  assert.deepEqual(became, ["delivered", "delivered", "delivered"]);
  assert.deepEqual(
    bodies.map((body) => Buffer.from(body)),
    [first, second].map(({ body }) => Buffer.from(body)),
  );
  assert.equal(totals().events, 7);
});

test("Shipper says when to try again, in the console's words where it names a time (R19, R21)", async () => {
  const shipper = new Shipper(transport);
  const batch = batchOf(3);
  const answers: readonly (readonly [Fault, string])[] = [
    [{ kind: "answer", status: 503 }, "retry status_503 undefined"],
    [{ kind: "answer", status: 429, headers: { "retry-after": "7" } }, "retry status_429 7000"],
    [{ kind: "answer", status: 302 }, "retry status_302 undefined"],
    [{ kind: "answer", status: 200, body: "{}" }, "retry answer_not_understood undefined"],
    [
      { kind: "answer", status: 200, body: '{"accepted_through":0}' },
      "retry not_accepted undefined",
    ],
    [{ kind: "cut", isStored: true }, "retry cut_off undefined"],
    [{ kind: "silence" }, "retry timeout undefined"],
    [{ kind: "answer", status: 401 }, "auth unknown"],
    [{ kind: "answer", status: 403, body: '{"code":"a.b","message":"No"}' }, "auth a.b"],
  ];
  const became = [];

  for (const [fault] of answers) {
    console.faults.queue(fault);
    became.push(said(await shipper.send(batch, signal)));
  }
  became.push(said(await shipper.send(batch, signal)));

  assert.deepEqual(became, [...answers.map(([, expected]) => expected), "delivered"]);
  assert.deepEqual(totals(), { events: 3, refusedEvents: 0, missingEvents: 0, repeatedEvents: 0 });
});

test("Shipper finds the events that are refused, and all others go through (R20)", async () => {
  const shipper = new Shipper(transport);
  console.faults.script = () => poison(0, 41, 42, 99);

  const shipment = await shipper.send(batchOf(100), signal);

  assert.equal(said(shipment), "delivered 0 41 42 99");
  assert.deepEqual(totals(), { events: 96, refusedEvents: 4, missingEvents: 0, repeatedEvents: 0 });
});

test("Shipper sends smaller pieces where a batch is too large (R20)", async () => {
  const shipper = new Shipper(transport);
  const batch = batchOf(200);
  console.faults.script = () => ({ kind: "limit", bytes: Math.round(batch.body.length / 3) });

  const shipment = await shipper.send(batch, signal);

  assert.equal(said(shipment), "delivered");
  assert.equal(totals().events, 200);
});

test("Shipper goes on with the pieces that are left after it was put off", async () => {
  const shipper = new Shipper(transport);
  const batch = batchOf(64);
  let requests = 0;
  console.faults.script = () => {
    requests++;
    return requests % 3 === 0 ? { kind: "answer", status: 503 } : poison(7);
  };
  const became = new Set<string>();

  let shipment = await shipper.send(batch, signal);
  for (; shipment.kind !== "delivered"; shipment = await shipper.send(batch, signal)) {
    became.add(said(shipment));
  }

  // The whole, both halves of each of six splits, and one put off in three.
  assert.ok(requests <= 20, `${requests}`);
  assert.deepEqual(became, new Set(["retry status_503 undefined"]));
  assert.equal(said(shipment), "delivered 7");
  assert.deepEqual(totals(), { events: 63, refusedEvents: 1, missingEvents: 0, repeatedEvents: 0 });
});

test("Shipper gives up no more than 32 events in a row, and then asks later (R20)", async () => {
  const shipper = new Shipper(transport);
  const batch = batchOf(50);
  console.faults.script = () => ({ kind: "answer", status: 400 });

  const everything = await shipper.send(batch, signal);
  console.faults.script = undefined;
  const rest = await shipper.send(batch, signal);

  assert.equal(said(everything), "retry refuses_everything undefined");
  assert.ok(rest.kind === "delivered");
  assert.deepEqual([rest.rejected.length, totals().events], [32, 18]);
});

test("Shipper leaves a batch that is half sent for another one", async () => {
  const shipper = new Shipper(transport);
  const [first, second] = batchesOf(8, 8);
  assert.ok(first && second);
  console.faults.queue(poison(1), { kind: "answer", status: 503 });
  await shipper.send(first, signal);

  const shipment = await shipper.send(second, signal);

  assert.equal(said(shipment), "delivered");
  assert.equal(totals().events, 8);
});
