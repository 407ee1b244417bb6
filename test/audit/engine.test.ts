import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runLog, TestEngine } from "#test/support/engine.ts";
import { fixtureLog, fixtureLogs } from "#test/support/fixture-logs.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { hostileLog, pieceSizes } from "#test/support/hostile-log.ts";
import { assertBalanced } from "#test/support/ledger.ts";

for (const [name, log] of fixtureLogs) {
  test(`AuditEngine writes the same bytes for ${name} whatever pieces it comes in`, () => {
    const whole = runLog(log);

    for (const size of [1, 7, 100, 8_191]) assert.ok(runLog(log, {}, [size]).equals(whole));
  });
}

test("AuditEngine writes the same bytes for any log in any pieces", () => {
  fc.assert(
    fc.property(hostileLog, pieceSizes, (log, sizes) => {
      assert.equal(runLog(log, {}, sizes).toString("latin1"), runLog(log).toString("latin1"));
    }),
    { numRuns: 400 },
  );
});

test("AuditEngine writes the same bytes for a log of several blocks in any pieces", () => {
  const log = generateLog({ seed: 7, events: 6_000, nodes: ["", "a"] });
  assert.ok(log.length > 3_000_000);
  const whole = runLog(log);

  for (const size of [4_096, 65_537, 1_000_003]) assert.ok(runLog(log, {}, [size]).equals(whole));
});

test("AuditEngine keeps its books at every byte of a log", () => {
  for (const name of ["exec", "raw", "node", "messages"]) {
    const run = new TestEngine();
    for (const byte of fixtureLog(name)) {
      run.engine.push(Uint8Array.of(byte), 0);
      assertBalanced(run.engine.ledger());
    }
    run.engine.end(0);
    assertBalanced(run.engine.ledger());
    assert.equal(run.engine.ledger().inFlight.lines, 0);
  }
});

test("AuditEngine takes a log that is cut at any byte", () => {
  for (const name of ["exec", "sockets", "messages", "accounts", "node"]) {
    const log = fixtureLog(name).subarray(0, 9_000);
    for (let end = 0; end <= log.length; end++) {
      const run = new TestEngine({ records: "odd" }).push(log.subarray(0, end));
      run.engine.end(0);
      const { read, fates, documents, inFlight } = run.engine.ledger();
      const open = end > 0 && log[end - 1] !== 0x0a;

      assertBalanced(run.engine.ledger());
      assert.deepEqual(inFlight, { lines: 0, bytes: 0 });
      assert.equal(read.bytes, end + Number(open));
      assert.equal(documents, run.count);
      assert.equal(fates.event_oversize.lines, 0);
      const last = run.lines().at(-1) ?? "";
      if (open && fates.quarantined.lines === 0)
        assert.ok(
          run.lines().some((line) => line.includes('"line_cut"')),
          last,
        );
    }
  }
});

test("AuditEngine gives the same documents however the lines of different events interleave", () => {
  const log = generateLog({ seed: 3, events: 40, nodes: ["", "a"] });
  const byEvent = Map.groupBy(log.toString("latin1").split("\n").slice(0, -1), (line) =>
    line.split("): ")[0]?.replace(/type=\S+/, ""),
  );
  const events = [...byEvent.values()];
  const expected = documentsOf(events.flat());

  fc.assert(
    fc.property(fc.infiniteStream(fc.nat({ max: 5 })), (picks) => {
      const waiting = events.map((lines) => [...lines]);
      const lines: string[] = [];
      while (waiting.length > 0) {
        const at = (picks.next().value ?? 0) % waiting.length;
        lines.push(waiting[at]?.shift() ?? "");
        if (waiting[at]?.length === 0) waiting.splice(at, 1);
      }
      assert.deepEqual(documentsOf(lines), expected);
    }),
    { numRuns: 50 },
  );
});

test("AuditEngine keeps an open event over the end of its file", () => {
  const [first = "", second = "", third = ""] = linesOfEvent(1, ["SYSCALL", "CWD", "PROCTITLE"]);
  const run = new TestEngine();

  run.push(Buffer.from(`${first}\n${second}`));
  run.engine.endFile(0);
  run.push(Buffer.from(`${third}\n`));
  run.engine.end(0);

  assert.equal(run.count, 1);
  const [line = ""] = run.lines();
  assert.deepEqual(rawOf(line), ["a=SYSCALL", "a=CWD", "a=PROCTITLE"]);
  assert.match(line, /"incomplete":\[[^\]]*"line_cut"/);
});

test("AuditEngine gives a record behind the end mark of a done event to that event, not to an open one", () => {
  const [openCall = "", openEnd = ""] = linesOfEvent(1, ["SYSCALL", "PROCTITLE"]);
  const [call = "", title = "", mark = "", late = ""] = linesOfEvent(2, [
    "SYSCALL",
    "PROCTITLE",
    "EOE",
    "CWD",
  ]);

  const output = runLog(Buffer.from([call, title, openCall, mark, late, openEnd, ""].join("\n")));

  assert.deepEqual(output.toString().split("\n").slice(0, -1).map(rawOf), [
    ["a=SYSCALL", "a=PROCTITLE"],
    ["a=SYSCALL", "a=PROCTITLE"],
    ["a=CWD"],
  ]);
});

test("AuditEngine counts the end mark of a done event and is silent about it", () => {
  const run = new TestEngine().push(
    Buffer.from(`${linesOfEvent(1, ["SYSCALL", "PROCTITLE", "EOE"]).join("\n")}\n`),
  );
  run.engine.end(0);

  assert.equal(run.count, 1);
  assert.equal(run.engine.ledger().fates.marker.lines, 1);
  assertBalanced(run.engine.ledger());
});

test("AuditEngine completes late records with their end mark", () => {
  const lines = linesOfEvent(1, ["SYSCALL", "PROCTITLE", "PATH", "EOE"]);
  const run = new TestEngine().push(Buffer.from(`${lines.join("\n")}\n`));

  assert.equal(run.count, 2);
  assert.match(run.lines()[1] ?? "", /"part":2,"incomplete":\["syscall_missing","late"\]/);
});

test("AuditEngine completes events by the wall clock while the log is idle", () => {
  const run = new TestEngine().push(Buffer.from(`${linesOfEvent(1, ["SYSCALL"]).join("\n")}\n`));

  run.engine.tick(1_999);
  assert.equal(run.count, 0);
  run.engine.tick(2_000);

  assert.equal(run.count, 1);
});

test("AuditEngine estimates lost events from serials, and leaves auditd's own out", () => {
  const serials = [1, 2, 5, ...Array.from({ length: 600 }, (_, index) => index + 6)];
  const lines = serials.map((serial) => linesOfEvent(serial, ["PROCTITLE"])[0] ?? "");
  lines.splice(2, 0, linesOfEvent(900_000, ["DAEMON_ROTATE"])[0] ?? "");
  const run = new TestEngine().push(Buffer.from(`${lines.join("\n")}\n`));

  assert.equal(run.engine.ledger().losses.serial_gap?.events, 2);
});

test("AuditEngine starts its count of serials anew when auditd starts", () => {
  const lines = [
    ...linesOfEvent(10, ["PROCTITLE"]),
    ...linesOfEvent(7_000, ["DAEMON_START"]),
    ...linesOfEvent(5_000, ["PROCTITLE"]),
    ...linesOfEvent(9_000, ["PROCTITLE"]),
  ];
  const run = new TestEngine().push(Buffer.from(`${lines.join("\n")}\n`));

  assert.equal(run.engine.ledger().losses.serial_gap?.events, 3_999 - 512);
});

test("AuditEngine dates a record without a stamp by the one before it, and keeps its own node", () => {
  const lines = [
    'node=a type=PROCTITLE msg=audit(1700000000.123:1): proctitle="x"',
    "type=DAEMON_ERR op=format-raw msg=NULL res=failed",
  ];
  const [, line = ""] = runLog(Buffer.from(`${lines.join("\n")}\n`))
    .toString()
    .split("\n");
  const document = JSON.parse(line) as { "@timestamp": string; auditd: { node?: string } };

  assert.equal(document["@timestamp"], "2023-11-14T22:13:20.123Z");
  assert.equal(document.auditd.node, undefined);
});

test("AuditEngine gives every document an id of its own, late parts too", () => {
  const lines = generateLog({ seed: 5, events: 60, nodes: ["", "a"] })
    .toString("latin1")
    .split("\n")
    .slice(0, -1);
  fc.assert(
    fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
      const ids = idsOf(runLog(Buffer.from(`${shuffled.join("\n")}\n`, "latin1")));

      assert.equal(new Set(ids).size, ids.length);
    }),
    { numRuns: 30 },
  );
});

/** Records of one event; each holds its own type. */
function linesOfEvent(serial: number, types: readonly string[]): string[] {
  return types.map((type) => `type=${type} msg=audit(1700000000.123:${serial}): a=${type}`);
}

function rawOf(document: string): string[] {
  const { auditd } = JSON.parse(document) as { auditd: { records: { raw: string }[] } };
  return auditd.records.map(({ raw }) => raw);
}

function documentsOf(lines: readonly string[]): readonly string[] {
  return runLog(Buffer.from(`${lines.join("\n")}\n`, "latin1"))
    .toString("latin1")
    .split("\n")
    .toSorted();
}

function idsOf(output: Buffer): string[] {
  return output
    .toString()
    .split("\n")
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { event: { id: string } }).event.id);
}
