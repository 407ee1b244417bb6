import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AssemblerLimits } from "#audit/assembler.ts";
import type { EngineState } from "#audit/engine-state.ts";
import { runLog, TestEngine } from "#test/support/engine.ts";
import { fixtureLog } from "#test/support/fixture-logs.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { hostileLog } from "#test/support/hostile-log.ts";
import { assertBalanced } from "#test/support/ledger.ts";

for (const name of ["exec", "sockets", "messages", "accounts", "node"]) {
  test(`AuditEngine goes on with ${name} from any line's end and from inside any line`, () => {
    const log = fixtureLog(name).subarray(0, 12_000);
    const expected = sorted(runLog(log));
    for (let at = 0; at <= log.length; at += log[at - 1] === 0x0a || log[at] === 0x0a ? 1 : 7) {
      assert.deepEqual(runInParts(log, [at]), expected);
    }
  });
}

interface Run {
  readonly log: Buffer;
  readonly places: readonly { readonly at: number; readonly isFileEnd: boolean }[];
  readonly limits?: AssemblerLimits | undefined;
  readonly isWhole?: boolean;
}

test("AuditEngine goes on with interleaved events from any places", () => {
  const log = generateLog({ seed: 21, events: 60, nodes: ["", "a"] });
  const expected = sorted(runLog(log));

  fc.assert(
    fc.property(fc.array(fc.nat({ max: log.length }), { minLength: 1, maxLength: 6 }), (places) => {
      assert.deepEqual(runInParts(log, places), expected);
    }),
    { numRuns: 60 },
  );
});

/** Where a log is handed over or a file of it ends. */
const places = fc.array(fc.record({ at: fc.nat({ max: 3_000 }), isFileEnd: fc.boolean() }), {
  minLength: 1,
  maxLength: 4,
});

for (const [name, limits] of [
  ["usual", undefined],
  ["tight", { events: 4, bytes: 4_000, bytesPerEvent: 700 }],
] as const) {
  test(`AuditEngine goes on with any log from any places and file ends under ${name} limits`, () => {
    fc.assert(
      fc.property(hostileLog, places, (log, at) => {
        assert.deepEqual(
          run({ log, places: at, limits }),
          run({ log, places: at, limits, isWhole: true }),
        );
      }),
      // To shrink such a log takes minutes; the seed is told all the same.
      { numRuns: 150, endOnFailure: true },
    );
  });
}

test("AuditEngine goes on with an event whose lines were cut or left out", () => {
  const limits = { events: 9, bytes: 200_000, bytesPerEvent: 70_000 };
  const record = (body: string): string => `type=SYSCALL msg=audit(1700000000.123:1): ${body}`;
  const cases = [
    { log: record("a=1"), fileEnd: true, reason: "line_cut" },
    { log: `${record("a".repeat(66_000))}\n`, reason: "line_cut" },
    { log: `${record("a".repeat(50_000))}\n${record("b".repeat(50_000))}\n`, reason: "oversize" },
  ];
  for (const { log, fileEnd = false, reason } of cases) {
    const places = [{ at: log.length, isFileEnd: fileEnd }];
    const { documents } = run({ log: Buffer.from(log), places, limits });

    assert.match(documents.join("\n"), new RegExp(`"incomplete":\\[[^\\]]*"${reason}"`));
  }
});

test("AuditEngine lets events wait for their grace in the order in which it began", () => {
  const record = (type: string, serial: number): string =>
    `type=${type} msg=audit(1700000000.123:${serial}): a=1\n`;
  const paths = (count: number): string => record("PATH", 3).repeat(count);
  const before = `${record("SYSCALL", 1)}${record("USER_CMD", 2)}${paths(10)}${record("USER_CMD", 1)}`;
  const log = Buffer.from(`${before}${paths(56)}${record("PATH", 2)}`);
  const places = [{ at: before.length, isFileEnd: false }];

  const handedOver = run({ log, places });

  assert.deepEqual(handedOver, run({ log, places, isWhole: true }));
  assert.match(handedOver.documents.join("\n"), /"part":2,/);
});

test("AuditEngine goes on with records that came late, as the part that they are", () => {
  const log = Buffer.from(
    [
      "type=PROCTITLE msg=audit(1700000000.123:1): proctitle=41",
      "type=SYSCALL msg=audit(1700000000.123:1): arch=c000003e syscall=59",
      "",
    ].join("\n"),
  );
  const first = new TestEngine().push(log);
  const second = new TestEngine();

  second.engine.restore({ ...restated(first.engine.state()), done: [] }, 0);
  second.engine.end(0);

  assert.match(second.output().toString(), /"part":2,"incomplete":\["late"/);
});

test("AuditEngine's state holds what no document has, and not what one has", () => {
  const log = fixtureLog("exec");
  const run = new TestEngine().push(log.subarray(0, log.length - 100));
  const { pending, partial } = run.engine.state();

  assert.ok(log.includes(Buffer.concat([pending, partial])));
  assert.ok(pending.length > 0 && pending.length < 3_000);
});

test("AuditEngine counts a gap of serials that lies between two engines", () => {
  const log = (from: number, to: number): Buffer =>
    Buffer.from(
      Array.from(
        { length: to - from + 1 },
        (_, index) => `type=PROCTITLE msg=audit(1700000000.123:${from + index}): proctitle="x"\n`,
      ).join(""),
    );
  const first = new TestEngine().push(log(1, 10));
  const second = new TestEngine();

  second.engine.restore(restated(first.engine.state()), 0);
  second.push(log(14, 700));

  assert.equal(second.engine.ledger().losses.serial_gap?.events, 3);
});

/** Runs a log through engines that hand over at the places given; all documents, sorted. */
function runInParts(log: Buffer, places: readonly number[]): readonly string[] {
  return run({ log, places: places.map((at) => ({ at, isFileEnd: false })) }).documents;
}

/** Runs a log whose files end at some places, and through another engine from each place on unless it is whole. */
function run({ log, places, limits, isWhole = false }: Run) {
  const outputs: Buffer[] = [];
  let lost = 0;
  const create = (): TestEngine => new TestEngine(limits === undefined ? {} : { limits });
  let current = create();
  let from = 0;
  for (const { at, isFileEnd } of places.toSorted((a, b) => a.at - b.at)) {
    const to = Math.min(at, log.length);
    current.push(log.subarray(from, to));
    from = to;
    if (isFileEnd) current.engine.endFile(0);
    const { losses, ...books } = current.engine.ledger();
    assertBalanced({ losses, ...books });
    if (isWhole) continue;
    outputs.push(current.output());
    lost += losses.serial_gap?.events ?? 0;
    const state = restated(current.engine.state());
    current = create();
    current.engine.restore(state, 0);
    assert.deepEqual(current.engine.ledger(), { ...books, losses: {} });
  }
  current.push(log.subarray(from));
  current.engine.end(0);
  const { losses, ...books } = current.engine.ledger();
  assertBalanced({ losses, ...books });
  const documents = sorted(Buffer.concat([...outputs, current.output()]));
  return { documents, books, lost: lost + (losses.serial_gap?.events ?? 0) };
}

/** A state as it is after a way through JSON. */
function restated({ pending, partial, ...rest }: EngineState): EngineState {
  return { pending, partial, ...(JSON.parse(JSON.stringify(rest)) as typeof rest) };
}

function sorted(output: Buffer): readonly string[] {
  return output.toString("latin1").split("\n").toSorted();
}
