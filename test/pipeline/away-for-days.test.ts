import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { type Severity, severities } from "#model/severity.ts";
import { consoleReader } from "#pipeline/delivery-lag.ts";
import { severityOf } from "#pipeline/severity.ts";
import { Collecting } from "#test/support/collecting.ts";
import { startConsole } from "#test/support/console/console.ts";
import type { Store } from "#test/support/console/store.ts";
import { Delivering, enrolled } from "#test/support/delivering.ts";
import { assertBalanced } from "#test/support/ledger.ts";
import { eventOf } from "#test/support/severity-events.ts";

const maxBytes = 1_048_576;
const hours = 72;
/** Of a host where all rules are loaded. */
const eventsPerHour: Readonly<Record<Severity, number>> = { low: 200, ordinary: 80, high: 8 };
const none: Readonly<Record<Severity, number>> = { low: 0, ordinary: 0, high: 0 };

test("A host whose console is away for days keeps the severe events and counts the others exactly (R17)", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "away-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const logFile = join(folder, "audit.log");
  writeFileSync(logFile, "");
  const settings = { folder: join(folder, "console") };
  let console = await startConsole(settings);
  const { port } = console;
  const identity = await enrolled(console);
  await using delivering = new Delivering(folder, identity, { maxBytes, segmentBytes: 32_768 });
  const { spool } = delivering;
  const log = new Log(logFile);
  const start = () => new Collecting({ logFile, directory: join(folder, "spool"), spool });
  let collecting = start();
  delivering.start();
  log.append({ low: 10, ordinary: 10, high: 10 });
  await collecting.untilRead(log.bytes);
  await delivering.untilDelivered();
  await console.stop();
  let largest = 0;

  for (let hour = 0; hour < hours; hour++) {
    log.append(eventsPerHour);
    await collecting.untilRead(log.bytes);
    largest = Math.max(largest, spool.sizeBytes);
    if (hour !== hours / 2) continue;
    await collecting.stop();
    collecting = start();
  }
  await collecting.until("the last event", () => isAtRest(collecting));
  const away = collecting.collector.state;
  console = await startConsole({ ...settings, port });
  await delivering.untilDelivered();
  await collecting.until("room", () => collecting.collector.state.least === "low");
  log.append({ low: 10, ordinary: 10, high: 10 });
  await collecting.untilRead(log.bytes);
  await collecting.until("the last event", () => isAtRest(collecting));
  await collecting.untilRead(log.bytes);
  const { shed } = await delivering.untilDelivered();
  await collecting.stop();

  const { ledger } = collecting.collector.state;
  const { missingEvents, repeatedEvents } = console.store.of(identity.agentId).totals;
  const delivered = await countDelivered(console.store, identity.agentId);
  await console.stop();
  const pressed = ledger.losses.spool_pressed ?? assert.fail("Events were shed");
  const arrived = severities.reduce((sum, severity) => sum + delivered[severity], 0);
  const made = severities.reduce((sum, severity) => sum + log.made[severity], 0);
  context.diagnostic(JSON.stringify({ made: log.made, delivered, pressed: pressed.events, shed }));
  assertBalanced(ledger);
  assert.deepEqual(
    { arrived: arrived + pressed.events + shed, missingEvents },
    { arrived: made, missingEvents: shed },
  );
  assert.equal(ledger.documents, arrived + shed);
  assert.deepEqual(
    { repeatedEvents, high: delivered.high, shed },
    { repeatedEvents: 0, high: log.made.high, shed: 0 },
  );
  const share = (severity: Severity) => delivered[severity] / log.made[severity];
  assert.ok(share("low") < share("ordinary") && share("ordinary") < 1);
  assert.ok(largest <= maxBytes, `${largest} bytes`);
  assert.equal(away.least, "high");
  assert.deepEqual(away.ledger.losses.spool_pressed, pressed, "then all was taken again");
});

test("A host that is cut off from its first day on sheds by severity, and its oldest segments once severe events fill the spool (R17)", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "away-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const logFile = join(folder, "audit.log");
  writeFileSync(logFile, "");
  const settings = { folder: join(folder, "console") };
  let console = await startConsole(settings);
  const { port } = console;
  const identity = await enrolled(console);
  await using delivering = new Delivering(folder, identity, {
    maxBytes: 131_072,
    segmentBytes: 8_192,
  });
  const { spool } = delivering;
  const log = new Log(logFile);
  const collecting = new Collecting({ logFile, directory: join(folder, "spool"), spool });
  await console.stop();
  delivering.start();

  for (let hour = 0; hour < 36; hour++) {
    log.append({ low: 20, ordinary: 20, high: 60 });
    await collecting.untilRead(log.bytes);
  }
  console = await startConsole({ ...settings, port });
  await collecting.until("the last event", () => isAtRest(collecting));
  await collecting.untilRead(log.bytes);
  const { shed } = await delivering.untilDelivered();
  await collecting.stop();

  const { ledger } = collecting.collector.state;
  const { events, missingEvents } = console.store.of(identity.agentId).totals;
  await console.stop();
  const pressed = ledger.losses.spool_pressed?.events ?? 0;
  const full = ledger.losses.spool_full?.events ?? 0;
  const made = severities.reduce((sum, severity) => sum + log.made[severity], 0);
  context.diagnostic(JSON.stringify({ made: log.made, events, pressed, full }));
  assert.ok(pressed > 0 && full > 0);
  assert.equal(events + pressed + full, made);
  assert.deepEqual([shed, missingEvents], [full, full]);
});

test("A host keeps the severe events of the days before it is enrolled, and counts the others exactly (R17)", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "away-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const logFile = join(folder, "audit.log");
  writeFileSync(logFile, "");
  const console = await startConsole({ folder: join(folder, "console") });
  context.after(async () => await console.stop());
  await using delivering = new Delivering(folder, undefined, {
    maxBytes: 524_288,
    segmentBytes: 8_192,
    expectedReader: consoleReader,
  });
  const { spool } = delivering;
  const log = new Log(logFile);
  const collecting = new Collecting({ logFile, directory: join(folder, "spool"), spool });
  delivering.start();

  for (let hour = 0; hour < hours; hour++) {
    log.append({ low: 100, ordinary: 40, high: 4 });
    await collecting.untilRead(log.bytes);
  }
  await collecting.until("the last event", () => isAtRest(collecting));
  const before = { ...delivering.status, least: collecting.collector.state.least };
  const identity = await enrolled(console);
  delivering.identity = identity;
  await collecting.untilRead(log.bytes);
  await delivering.untilDelivered();
  await collecting.until("room", () => collecting.collector.state.least === "low");
  log.append({ low: 10, ordinary: 10, high: 10 });
  await collecting.untilRead(log.bytes);
  await collecting.until("the last event", () => isAtRest(collecting));
  await collecting.untilRead(log.bytes);
  const { shed } = await delivering.untilDelivered();
  await collecting.stop();

  const { ledger } = collecting.collector.state;
  const delivered = await countDelivered(console.store, identity.agentId);
  const { missingEvents, repeatedEvents } = console.store.of(identity.agentId).totals;
  const pressed = ledger.losses.spool_pressed?.events ?? 0;
  const arrived = severities.reduce((sum, severity) => sum + delivered[severity], 0);
  const made = severities.reduce((sum, severity) => sum + log.made[severity], 0);
  context.diagnostic(JSON.stringify({ made: log.made, delivered, pressed, shed }));
  assert.deepEqual([before.state, before.least, before.shed], ["unenrolled", "high", 0]);
  assert.deepEqual([delivered.high, shed], [log.made.high, 0]);
  assert.equal(arrived + pressed, made);
  assert.deepEqual([missingEvents, repeatedEvents], [0, 0]);
  assertBalanced(ledger);
});

/** Whether no event waits for more of its records. */
function isAtRest({ collector }: Collecting): boolean {
  return collector.ledger().inFlight.lines === 0;
}

/** A log that events are written to, each of the severities mixed. */
class Log {
  readonly made: Record<Severity, number> = { ...none };
  bytes = 0;
  readonly #path: string;
  #serial = 0;

  constructor(path: string) {
    this.#path = path;
  }

  append(counts: Readonly<Record<Severity, number>>): void {
    const all = severities.flatMap((severity) =>
      Array.from({ length: counts[severity] }, (_, index) => {
        return { severity, at: (index + 0.5) / counts[severity] };
      }),
    );
    let text = "";
    for (const { severity } of all.toSorted((a, b) => a.at - b.at)) {
      text += eventOf(severity, ++this.#serial);
      this.made[severity]++;
    }
    appendFileSync(this.#path, text);
    this.bytes += Buffer.byteLength(text);
  }
}

/** What the console has on disk, by severity. */
async function countDelivered(store: Store, agentId: string): Promise<Record<Severity, number>> {
  const counts = { ...none };
  for await (const { body } of store.of(agentId).batches()) {
    for (const line of zstdDecompressSync(body).toString().split("\n").slice(0, -1)) {
      counts[severityOf(Buffer.from(line))]++;
    }
  }
  return counts;
}
