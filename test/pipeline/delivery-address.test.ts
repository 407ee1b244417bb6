import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { Identity } from "#ship/identity.ts";
import { createLookup } from "#ship/lookup.ts";
import { Transport } from "#ship/transport.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import { Delivering, enrolled } from "#test/support/delivering.ts";

/** All of 127.0.0.0/8 is loopback; nobody listens at the last one. */
const [before, after, nobody] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"] as const;

let folder = "";
let console: Console;
/** What the name service says of the console's name, and how often it was asked. */
let addresses: readonly string[] = [];
let questions = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "delivery-address-"));
  console = await startConsole({ folder: join(folder, "console") });
  addresses = [before];
  questions = 0;
});
afterEach(async () => {
  await console.stop();
  rmSync(folder, { recursive: true });
});

const lookup = createLookup(async () => {
  questions++;
  return await Promise.resolve(addresses.map((address) => ({ address, family: 4 })));
});

function createTransport({ url, authorityPem, certificatePem, keyPem }: Identity): Transport {
  return new Transport({
    url,
    authorityPem,
    certificatePem,
    keyPem,
    minVersion: "TLSv1.3",
    pins: [],
    deadlineMs: 1_000,
    lookup,
  });
}

/** The same console somewhere else. */
async function moveTo(address: string): Promise<void> {
  const { port } = console;
  await console.stop();
  console = await startConsole({ folder: join(folder, "console"), port, address });
}

function totalsOf({ identity }: Delivering) {
  const { events, missingEvents, repeatedEvents } = console.store.of(
    identity?.agentId ?? "",
  ).totals;
  return { events, missingEvents, repeatedEvents };
}

test("Delivery goes on at the console's new address, once the name service knows it (R25)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  delivering.append(5);
  delivering.start({ createTransport });
  await delivering.untilDelivered();

  await moveTo(after);
  delivering.append(5);
  const gone = await delivering.until("cut off", ({ state, reason }) => {
    return state === "cut_off" && reason === "refused";
  });
  addresses = [after];
  await delivering.untilDelivered();

  assert.equal(gone.lag.events, 5);
  assert.deepEqual(totalsOf(delivering), { events: 10, missingEvents: 0, repeatedEvents: 0 });
});

test("Delivery keeps a connection that works when the console gets another address, and asks only for a new one (R25)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  delivering.append(5);
  delivering.start({ createTransport });
  await delivering.untilDelivered();
  const asked = questions;

  addresses = [after];
  delivering.append(5);
  await delivering.untilDelivered();
  const askedWhileConnected = questions;
  await moveTo(after);
  delivering.append(5);
  await delivering.untilDelivered();

  assert.equal(askedWhileConnected, asked);
  assert.ok(questions > asked);
  assert.deepEqual(totalsOf(delivering), { events: 15, missingEvents: 0, repeatedEvents: 0 });
});

test("Delivery passes over an address at which nobody listens (R25)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  addresses = [nobody, before];
  delivering.append(5);

  delivering.start({ createTransport });
  await delivering.untilDelivered();

  assert.deepEqual(totalsOf(delivering), { events: 5, missingEvents: 0, repeatedEvents: 0 });
});

test("Delivery believes nobody else who took over the console's address (R25)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  const { port } = console;
  await console.stop();
  const other = await startConsole({ folder: join(folder, "other"), port });
  delivering.append(5);

  delivering.start({ createTransport });
  const { lag } = await delivering.until("untrusted", ({ state }) => state === "untrusted");
  await other.stop();
  console = await startConsole({ folder: join(folder, "console"), port });
  await delivering.untilDelivered();

  assert.equal(lag.events, 5);
  assert.deepEqual(totalsOf(delivering), { events: 5, missingEvents: 0, repeatedEvents: 0 });
});
