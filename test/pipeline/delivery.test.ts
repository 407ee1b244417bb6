import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { idOf } from "#test/support/console/batches.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import type { Fault } from "#test/support/console/faults.ts";
import { Delivering, enrolled } from "#test/support/delivering.ts";

const hourMs = 3_600_000;

let folder = "";
let console: Console;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "delivery-"));
  console = await startConsole({ folder: join(folder, "console") });
});
afterEach(async () => {
  await console.stop();
  rmSync(folder, { recursive: true });
});

/** Lets faults befall batches only, one after the other. */
function faultBatches(...faults: readonly Fault[]): void {
  const queue = [...faults];
  console.faults.script = ({ operation }) => {
    return operation === "sendBatch" ? queue.shift() : undefined;
  };
}

function totalsOf({ identity }: Delivering) {
  return console.store.of(identity?.agentId ?? "").totals;
}

test("Delivery counts one event once when the answer is lost (R22)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  faultBatches({ kind: "cut", isStored: true });
  const keys: unknown[] = [];
  const { script } = console.faults;
  console.faults.script = (request) => {
    if (request.operation === "sendBatch") keys.push(request.headers["idempotency-key"]);
    return script?.(request);
  };
  delivering.append(1);

  delivering.start();
  await delivering.untilDelivered();

  const { events, repeats, repeatedEvents } = totalsOf(delivering);
  assert.deepEqual(
    { events, repeats, repeatedEvents },
    { events: 1, repeats: 1, repeatedEvents: 0 },
  );
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
});

test("Delivery tries again what may go later, and nothing moves on before (R21)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  const statuses = [408, 412, 425, 429, 500, 502, 503, 504, 404, 302, 418];
  faultBatches(
    ...statuses.map((status) => ({ kind: "answer", status }) as const),
    // What is no word of a console is no acknowledgement.
    { kind: "answer", status: 200, body: "<html>welcome</html>" },
    { kind: "answer", status: 409, body: "" },
    { kind: "answer", status: 200, body: '{"accepted_through":0}' },
  );
  delivering.append(3);
  const reasons = new Set<string>();

  delivering.start({ random: () => 0 });
  await delivering.until("all delivered", ({ state, reason, lag }) => {
    if (reason !== undefined) reasons.add(reason);
    return state === "connected" && lag.events === 0;
  });

  const ours = ["answer_not_understood", "not_accepted"];
  assert.deepEqual(reasons, new Set([...statuses.map((status) => `status_${status}`), ...ours]));
  assert.deepEqual([totalsOf(delivering).events, totalsOf(delivering).repeats], [3, 0]);
});

test("Delivery takes a conflict for an acknowledgement (R21)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  faultBatches({ kind: "answer", status: 409, body: '{"accepted_through":1}' });
  delivering.append(3);

  delivering.start();
  await delivering.untilDelivered();

  assert.equal(totalsOf(delivering).events, 0);
});

test("Delivery keeps everything while it is not let in, says why, and goes on when it is (R21)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  const { agentId = "" } = delivering.identity ?? {};
  delivering.append(3);
  let code = "agent.revoked";
  console.faults.script = () => {
    const body = JSON.stringify({ code, message: "No" });
    return code === "" ? undefined : { kind: "answer", status: 403, body };
  };

  delivering.start();
  await delivering.until("revoked", ({ state }) => state === "revoked");
  code = "certificate.expired";
  const apart = await delivering.until("clocks apart", ({ state }) => state === "clock_skew");
  code = "";
  await delivering.untilDelivered();

  assert.equal(apart.lag.events, 3);
  assert.equal(console.store.of(agentId).totals.events, 3);
});

test("Delivery halves what is too large, and sets aside the one event that never goes (R20)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  console.faults.script = ({ operation }) => {
    return operation === "sendBatch" ? { kind: "limit", bytes: 150 } : undefined;
  };
  delivering.append(64);
  delivering.start();
  await delivering.untilDelivered();
  const eventIds = new Set([idOf(70), idOf(80)]);
  console.faults.script = ({ operation }) => {
    return operation === "sendBatch" ? { kind: "poison", eventIds, status: 422 } : undefined;
  };

  delivering.append(36);
  delivering.append(10);
  const { rejected } = await delivering.until("all delivered", ({ lag }) => lag.events === 0);

  const { events, refusedEvents, missingEvents } = totalsOf(delivering);
  assert.deepEqual(
    { rejected, events, refusedEvents, missingEvents },
    { rejected: 2, events: 108, refusedEvents: 2, missingEvents: 0 },
  );
  const letters = readFileSync(delivering.deadLetterFile, "utf8").trimEnd().split("\n");
  assert.deepEqual(
    letters.map((line) => (JSON.parse(line) as { event: { id: string } }).event.id),
    [...eventIds],
  );
});

test("Delivery leaves a console alone that refuses everything, instead of emptying the spool (R20)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  console.faults.script = ({ operation }) => {
    return operation === "sendBatch" ? { kind: "answer", status: 400 } : undefined;
  };
  delivering.append(100);

  delivering.start({ spreadMs: hourMs, random: () => 1 });
  const { reason, lag } = await delivering.until("it is left", (status) => {
    return status.reason === "refuses_everything";
  });

  assert.deepEqual([reason, lag.events], ["refuses_everything", 100]);
  assert.ok(!existsSync(delivering.deadLetterFile));
});

test("Delivery keeps a bounded file of refused events (R20)", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  writeFileSync(delivering.deadLetterFile, `${"x".repeat(99)}\n`.repeat(41_943));
  console.faults.script = ({ operation }) => {
    if (operation !== "sendBatch") return undefined;
    return { kind: "poison", eventIds: new Set([idOf(1)]), status: 400 };
  };
  delivering.append(2);

  delivering.start();
  await delivering.untilDelivered();

  const letters = readFileSync(delivering.deadLetterFile, "utf8");
  assert.ok(letters.length <= 4 * 1_048_576, `${letters.length}`);
  assert.ok(letters.includes(idOf(1)));
});

test("Delivery counts exactly what the spool shed while the console was gone for days (R17)", async (context) => {
  await using delivering = new Delivering(folder, await enrolled(console), {
    maxBytes: 262_144,
    segmentBytes: 16_384,
  });
  delivering.append(10);
  delivering.start();
  await delivering.untilDelivered();
  const { port } = console;
  await console.stop();
  await delivering.until("cut off", ({ state }) => state === "cut_off");
  let largest = 0;
  // An hour's batch each.
  for (let hour = 0; hour < 72; hour++) {
    for (let part = 0; part < 10; part++) delivering.append(400 + hour);
    largest = Math.max(largest, delivering.spool.sizeBytes);
    await nextTurn();
  }
  const away = delivering.status;

  console = await startConsole({ folder: join(folder, "console"), port });
  const back = await delivering.untilDelivered();

  const made = delivering.spool.head.documents;
  const { events, missingEvents, repeatedEvents } = totalsOf(delivering);
  const counted = delivering.spool.losses.spool_full?.events ?? 0;
  context.diagnostic(`made ${made}, delivered ${events}, shed ${back.shed}, disk ${largest} bytes`);
  assert.equal(away.state, "cut_off");
  assert.ok(away.shed > 0 && largest <= 262_144);
  assert.equal(events + back.shed, made);
  assert.deepEqual([missingEvents, counted, repeatedEvents], [back.shed, back.shed, 0]);
});

test("Delivery counts what was shed before the host was let in (R17)", async () => {
  await using delivering = new Delivering(folder, undefined, {
    maxBytes: 131_072,
    segmentBytes: 8_192,
  });
  delivering.start();
  for (let batch = 0; batch < 300; batch++) delivering.append(400);
  const before = delivering.status;

  delivering.identity = await enrolled(console);
  const { shed } = await delivering.untilDelivered();

  assert.deepEqual([before.state, before.shed], ["unenrolled", shed]);
  assert.equal(totalsOf(delivering).events + shed, delivering.spool.head.documents);
  assert.equal(totalsOf(delivering).missingEvents, shed);
});

test("Delivery goes on when the clock is set back, and years forward and back (R26, R27)", async (context) => {
  await using delivering = new Delivering(folder, await enrolled(console));
  delivering.start();
  const jumps = [-hourMs, 10 * 365 * 24 * hourMs, 0];
  const skews: (number | undefined)[] = [];
  const realMs = Date.now();
  context.mock.timers.enable({ apis: ["Date"], now: realMs });
  const consoleTime = () => new Date(realMs).toISOString();
  console.faults.script = ({ operation }) => {
    if (operation !== "heartbeat") return undefined;
    const body = JSON.stringify({ console_time: consoleTime() });
    return { kind: "answer", status: 200, body };
  };

  for (const jumpMs of jumps) {
    context.mock.timers.setTime(realMs + jumpMs);
    delivering.append(5);
    await delivering.untilDelivered();
    const expected = jumpMs === 0 ? undefined : jumpMs / 1_000;
    const { skewSeconds } = await delivering.until("the skew", (status) => {
      return status.skewSeconds === expected;
    });
    skews.push(skewSeconds);
  }

  assert.equal(totalsOf(delivering).events, 15);
  assert.deepEqual(skews, [-3_600, 315_360_000, undefined]);
});

test("Delivery says that the console is gone, also when there is nothing to deliver", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  delivering.start();
  await delivering.until("connected", ({ state }) => state === "connected");
  const { port } = console;

  await console.stop();
  const gone = await delivering.until("cut off", ({ state }) => state === "cut_off");
  console = await startConsole({ folder: join(folder, "console"), port });
  const back = await delivering.until("connected", ({ state }) => state === "connected");

  assert.match(gone.reason ?? "", /^(?:refused|cut_off)$/);
  assert.equal(back.reason, undefined);
});

test("Delivery goes on where its place cannot be written, and writes it when it can", async () => {
  await using delivering = new Delivering(folder, await enrolled(console));
  const cursors = join(folder, "spool", "cursors");
  mkdirSync(join(cursors, "console.tmp", "in-the-way"), { recursive: true });
  delivering.start();
  for (let batch = 0; batch < 5; batch++) delivering.append(10);

  await delivering.untilDelivered();
  await delivering.until("the fault told", () =>
    delivering.messages.some((message) => message.startsWith("cannot note")),
  );
  const isWritten = existsSync(join(cursors, "console"));
  rmSync(join(cursors, "console.tmp"), { recursive: true });
  delivering.append(10);
  await delivering.untilDelivered();
  await delivering.until("the place written", () => existsSync(join(cursors, "console")));

  assert.ok(!isWritten);
  assert.equal(totalsOf(delivering).events, 60);
});
