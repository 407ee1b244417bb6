import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EngineState } from "#audit/engine.ts";
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

test("AuditEngine goes on with any log from any places", () => {
  fc.assert(
    fc.property(
      hostileLog,
      fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 4 }),
      (log, places) => {
        assert.deepEqual(runInParts(log, places), sorted(runLog(log)));
      },
    ),
    { numRuns: 300, seed: 20_261_123 },
  );
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
  const outputs: Buffer[] = [];
  let run = new TestEngine();
  let from = 0;
  for (const place of places.toSorted((a, b) => a - b)) {
    const to = Math.min(place, log.length);
    run.push(log.subarray(from, to));
    from = to;
    assertBalanced(run.engine.ledger());
    outputs.push(run.output());
    const state = restated(run.engine.state());
    run = new TestEngine();
    run.engine.restore(state, 0);
    assertBalanced(run.engine.ledger());
    assert.equal(run.engine.ledger().read.bytes, to);
  }
  run.push(log.subarray(from));
  run.engine.end(0);
  assertBalanced(run.engine.ledger());
  return sorted(Buffer.concat([...outputs, run.output()]));
}

/** A state as it is after a way through JSON. */
function restated({ pending, partial, ...rest }: EngineState): EngineState {
  return { pending, partial, ...(JSON.parse(JSON.stringify(rest)) as typeof rest) };
}

function sorted(output: Buffer): readonly string[] {
  return output.toString("latin1").split("\n").toSorted();
}
