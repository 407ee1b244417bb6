import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  argumentsOf,
  createFragment,
  hasExecutable,
  programOf,
  restoreFragment,
} from "#enrich/fragment.ts";
import { longestFragment } from "#model/enrich.ts";
import { call, exec, read } from "./sightings.ts";

const path = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });

test("createFragment() makes JSON members within the limit that name the executable", () => {
  const args = fc.array(fc.string({ unit: "binary", maxLength: 2_000 }), { maxLength: 5 });
  fc.assert(
    fc.property(path, args, (exe, words) => {
      const sighting = exec({ pid: 7, exe, args: words });

      const fragment = createFragment(7, "id", programOf(sighting), argumentsOf(sighting));

      const members = read({ fragment: fragment.text });
      const whole = { pid: 7, entity_id: "id", executable: exe, name: exe.split("/").at(-1) };
      const complete = { ...whole, args: words, args_count: words.length };
      const isLong = Buffer.byteLength(JSON.stringify(complete)) - 2 > longestFragment;
      assert.deepEqual(members, JSON.parse(JSON.stringify(isLong ? whole : complete)));
      assert.ok(fragment.text.length <= longestFragment);
      assert.deepEqual(restoreFragment(7, "id", fragment.text, fragment.argumentsStart), fragment);
    }),
  );
});

test("hasExecutable() tells an executable from all others", () => {
  fc.assert(
    fc.property(path, path, (one, other) => {
      const sighting = call({ pid: 7, exe: one });
      const fragment = createFragment(7, "id", programOf(sighting), argumentsOf(sighting));

      assert.equal(hasExecutable(fragment, sighting), true);
      assert.equal(hasExecutable(fragment, call({ pid: 7, exe: `${one} (deleted)` })), true);
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      assert.equal(hasExecutable(fragment, call({ pid: 7, exe: other })), isSame);
      assert.equal(hasExecutable(fragment, call({ pid: 7, exe: `${one}x` })), false);
    }),
  );
});

test("hasExecutable() takes an unknown executable for any", () => {
  const named = call({ pid: 7, exe: "/bin/a" });
  const unnamed = call({ pid: 7 });
  const known = createFragment(7, "id", programOf(named), argumentsOf(named));
  const unknown = createFragment(7, "id", programOf(unnamed), argumentsOf(unnamed));

  assert.equal(hasExecutable(known, unnamed), true);
  assert.equal(hasExecutable(unknown, named), true);
});

test("restoreFragment() refuses a text that is of another process or out of bounds", () => {
  assert.equal(restoreFragment(7, "id", '"pid":8,"entity_id":"id"', 24), undefined);
  assert.equal(restoreFragment(7, "id", '"pid":7,"entity_id":"id"', 25), undefined);
  assert.equal(restoreFragment(7, "id", '"pid":7,"entity_id":"id"', -1), undefined);
});
