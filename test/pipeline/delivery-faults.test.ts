import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Identity } from "#ship/identity.ts";
import { Transport, type TransportSettings } from "#ship/transport.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import type { Fault } from "#test/support/console/faults.ts";
import { Delivering, enrolled } from "#test/support/delivering.ts";
import { type Trouble, Troubles } from "#test/support/delivering-troubles.ts";
import { answerClasses } from "#wire/statuses.ts";

/** A row of the table of faults in docs/delivery.md, for one of the faults that it names. */
interface Row {
  readonly name: string;
  readonly state: string;
  readonly reason: string | undefined;
  readonly counted: string | undefined;
}

const rows = readRows();
const folder = mkdtempSync(join(tmpdir(), "delivery-faults-"));
const troubles = new Troubles(folder);
const faults = new Map<string, (operation: string) => Fault | undefined>();
let console: Console;
before(async () => {
  console = await startConsole({ folder: join(folder, "console") });
  console.faults.script = ({ operation, agentId = "" }) => faults.get(agentId)?.(operation);
});
after(async () => {
  await troubles[Symbol.asyncDispose]();
  await console.stop();
  rmSync(folder, { recursive: true });
});

test("The table of faults has every status that the agent knows, and every fault there is a test for", () => {
  const names = rows.map(({ name }) => name);

  const statuses = [...answerClasses.keys()].map(String);
  assert.deepEqual(
    [...statuses, ...troubles.names].filter((name) => !names.includes(name)),
    [],
  );
  assert.equal(names.length, new Set(names).size);
});

test("Delivery does with every fault what the table says (R19, R20, R21, R22, R23, R24, R25)", {
  concurrency: 16,
}, async (context) => {
  const each = rows.map(async (row) => await context.test(row.name, async () => await prove(row)));
  await Promise.all(each);
});

test("Delivery goes on soon when a console lets it in again that was gone meanwhile (R21)", async () => {
  const known = await enrolled(console);
  const own = join(folder, "let-in-again");
  mkdirSync(own);
  await using delivering = new Delivering(own, known);
  let fault: Fault | undefined = { kind: "answer", status: 403 };
  faults.set(known.agentId, () => fault);
  delivering.append(4);
  delivering.start();
  await delivering.until("refused", ({ state }) => state === "refused");

  fault = { kind: "cut" };
  await delivering.until("cut off", ({ state }) => state === "cut_off");
  fault = undefined;
  await delivering.untilDelivered();

  assert.equal(console.store.of(known.agentId).totals.events, 4);
});

/** Has the fault befall an agent, compares what comes of it, and takes the fault away. */
async function prove({ name, state, reason, counted }: Row): Promise<void> {
  const trouble = await troubles.create(name);
  const { events = 4, notAfterMs } = trouble;
  const own = join(folder, name.replaceAll(/\W/g, "-"));
  mkdirSync(own);
  const known = await enrolled(console);
  await using delivering = new Delivering(own, { ...known, ...(notAfterMs && { notAfterMs }) });
  let isOver = false;
  faults.set(known.agentId, (operation) => {
    const isMeant = !isOver && (trouble.befalls === "all" || operation === "sendBatch");
    return isMeant ? trouble.fault : undefined;
  });
  delivering.append(events);

  delivering.start({
    random: () => 0,
    createTransport: (identity) => new Transport(settingsOf(identity, isOver ? {} : trouble)),
  });
  const told = await delivering.until(`${state}, ${reason ?? "all delivered"}`, (status) => {
    const isDone = reason !== undefined || status.lag.events === 0;
    return status.state === state && status.reason === reason && isDone;
  });
  isOver = true;
  // Another identity wakes those who wait for one.
  delivering.identity = { ...known };
  await delivering.untilDelivered();

  const { totals } = console.store.of(known.agentId);
  const rejected = delivering.status.rejected;
  assert.equal(totals.events + rejected, events);
  assert.deepEqual([totals.repeatedEvents, delivering.status.shed], [0, 0]);
  assert.equal(told.rejected > 0 ? "rejected" : undefined, counted);
  if (counted === undefined) assert.equal(rejected, 0);
}

function settingsOf(
  { url, authorityPem, certificatePem, keyPem }: Identity,
  { transport }: Trouble,
): TransportSettings {
  const own = { url, authorityPem, certificatePem, keyPem };
  return { ...own, minVersion: "TLSv1.3", pins: [], deadlineMs: 1_500, ...transport };
}

function readRows(): readonly Row[] {
  const text = readFileSync("docs/delivery.md", "utf8");
  const [, after = ""] = text.split("\n| --- | --- | --- | --- | --- |\n");
  const [table = ""] = after.split("\n\n");
  return table.split("\n").flatMap((line) => {
    const cells = line.slice(2, -2).split(" | ");
    const [names = [], , state = [], reason = [], counted = []] = cells.map(quotedIn);
    return names.map((name) => ({
      name,
      state: state[0] ?? "",
      reason: reason[0]?.replace("…", name),
      counted: counted[0],
    }));
  });
}

/** What stands in backticks. */
function quotedIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`(?<word>[^`]+)`/g)].map(({ groups }) => groups?.word ?? "");
}
