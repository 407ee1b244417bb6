import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Assembler } from "#audit/assembler.ts";
import { textOfStamp } from "#model/stamp.ts";
import { Bench, lineOf, stampOf, start } from "#test/support/assembler-bench.ts";

test("Assembler completes the oldest event when too many are open", () => {
  const bench = new Bench({ events: 2 });

  for (const serial of [1, 2, 3]) bench.take("SYSCALL", { serial });

  assert.deepEqual(bench.done, ["1.1 overflow SYSCALL"]);
});

test("Assembler completes the oldest events when all together are too big", () => {
  const bench = new Bench({ bytes: 1_000 });

  bench.take("SYSCALL", { serial: 1 }, 400);
  bench.take("SYSCALL", { serial: 2 }, 400);
  bench.take("SYSCALL", { serial: 3 }, 900);

  assert.deepEqual(bench.done, ["1.1 overflow SYSCALL", "2.1 overflow SYSCALL"]);
});

test("Assembler leaves out what passes the limit of one event, but never its first line", () => {
  const bench = new Bench({ bytesPerEvent: 1_000 });

  assert.equal(bench.take("SYSCALL", { serial: 1 }, 2_000), true);
  assert.equal(bench.take("PATH", { serial: 1 }, 1), false);
  assert.equal(bench.take("PROCTITLE", { serial: 1 }, 1), false);
  assert.equal(bench.take("SYSCALL", { serial: 2 }, 999), true);
  assert.equal(bench.take("PATH", { serial: 2 }, 1), true);
  assert.equal(bench.take("PROCTITLE", { serial: 2 }, 1), false);

  assert.deepEqual(bench.done, ["1.1 whole SYSCALL", "2.1 whole SYSCALL PATH"]);
  assert.deepEqual(bench.omitted, [2, 1]);
});

const types = ["SYSCALL", "CWD", "PATH", "PROCTITLE", "EOE", "USER_AUTH", "AVC", "DAEMON_END"];
const laterSeconds = [0, 1, 3, 7_200, -7_200];
const step = fc.oneof(
  {
    weight: 9,
    // Each serial has one time, as in a log between two boots.
    arbitrary: fc
      .record({
        type: fc.constantFrom(...types),
        serial: fc.nat({ max: 9 }),
        bytes: fc.integer({ min: 1, max: 300 }),
      })
      .map((each) => ({ ...each, seconds: start + (laterSeconds[each.serial % 5] ?? 0) })),
  },
  { weight: 1, arbitrary: fc.nat({ max: 1_000 }) },
);

test("Assembler completes every record once, in order, and stays within its limits", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const limits = { events: 4, bytes: 1_000, bytesPerEvent: 400 };
      const open = new Map<string, number>();
      let completed = 0;
      const parts = new Map<string, number>();
      const assembler = new Assembler((event) => {
        const text = textOfStamp(event.stamp);
        assert.equal(event.part, (parts.get(text) ?? 0) + 1);
        parts.set(text, event.part);
        assert.ok(event.lines.length > 0);
        assert.ok(event.lines.every(({ typeName }) => typeName !== ""));
        assert.equal(event.lines.length, open.get(text));
        open.delete(text);
        completed += event.lines.length;
      }, limits);
      let taken = 0;
      let nowMs = 0;
      for (const each of steps) {
        if (typeof each === "number") {
          nowMs += each;
          assembler.tick(nowMs);
          continue;
        }
        const stamp = stampOf(each);
        const event = assembler.eventOf(stamp, nowMs);
        open.set(textOfStamp(stamp), event.lines.length + 1);
        const line = lineOf(each.type, each.bytes);
        // The counts are set right below for a line that is left out; it may complete its event.
        const fits =
          event.lines.length === 0 || event.sizeBytes + each.bytes <= limits.bytesPerEvent;
        if (!fits) open.set(textOfStamp(stamp), event.lines.length);
        assert.equal(assembler.add(event, line), fits);
        taken += Number(fits);
        const held = [...assembler.openEvents()];
        assert.ok(held.length <= limits.events);
        assert.ok(held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= limits.bytes);
      }
      assembler.end();
      assert.equal(completed, taken);
      assert.equal([...assembler.openEvents()].length, 0);
    }),
  );
});
