import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventIds } from "#audit/document/prefix.ts";
import type { Stamp } from "#model/stamp.ts";

const stamp: fc.Arbitrary<Stamp> = fc.record({
  seconds: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  milliseconds: fc.integer({ min: 0, max: 999 }),
  serial: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  oddText: fc.constantFrom("", "", "", "1.5:01"),
  node: fc.constantFrom("", "a", "b"),
});
const named = fc.tuple(fc.constantFrom("host", "other"), stamp, fc.integer({ min: 1, max: 5_000 }));

test("EventIds gives 32 hexadecimal digits, the same whatever was asked before", () => {
  fc.assert(
    fc.property(fc.array(named, { minLength: 1 }), (asked) => {
      const ids = new Map(["host", "other"].map((host) => [host, new EventIds(host)]));

      for (const [host, one, part] of asked) {
        const id = ids.get(host)?.ofEvent(one, part);

        assert.match(id ?? "", /^[0-9a-f]{32}$/);
        assert.equal(id, new EventIds(host).ofEvent(one, part));
      }
    }),
  );
});

test("EventIds parts what differs in host, node, time, serial or part", () => {
  fc.assert(
    fc.property(named, named, (one, other) => {
      const [first, second] = [one, other].map(([host, at, part]) =>
        new EventIds(host).ofEvent(at, part),
      );

      assert.equal(first === second, isSame(one, other));
    }),
  );
  const near = { seconds: 1, milliseconds: 2, serial: 3, oddText: "", node: "" };
  const all = [
    near,
    { ...near, seconds: 2 },
    { ...near, milliseconds: 3 },
    { ...near, serial: 4 },
    { ...near, serial: 3 + 2 ** 20 },
    { ...near, node: "n" },
    { ...near, oddText: "1.2:3" },
  ].flatMap((at) => [1, 2, 4_095, 4_096].map((part) => new EventIds("h").ofEvent(at, part)));
  assert.equal(new Set(all).size, all.length);
});

/** Of a stamp with a text of its own, the text and the node are what counts. */
function isSame(one: Named, other: Named): boolean {
  const [[host, at, part], [otherHost, otherAt, otherPart]] = [one, other];
  if (host !== otherHost || part !== otherPart || at.node !== otherAt.node) return false;
  if (at.oddText !== otherAt.oddText) return false;
  if (at.oddText !== "") return true;
  const numbers = ["seconds", "milliseconds", "serial"] as const;
  return numbers.every((name) => at[name] === otherAt[name]);
}

type Named = readonly [string, Stamp, number];
