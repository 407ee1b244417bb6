import assert from "node:assert/strict";
import { test } from "node:test";
import { auditKeys, auditTiers } from "#product/audit-rules.ts";
import { auditVolumes } from "#product/audit-volumes.ts";

test("Each key of the audit rules stands once, in a tier that is there, with what it is for", () => {
  const tiers = new Set(auditTiers.map(({ name }) => name));

  const keys = auditKeys.map(({ key }) => key);

  assert.deepEqual(keys, [...new Set(keys)]);
  for (const { key, tier, purpose, techniques, rules } of auditKeys) {
    assert.match(key, /^lg_[a-z_]{2,20}$/);
    assert.ok(tiers.has(tier), key);
    assert.match(purpose, /^[A-Z].{9,}[^.]$/, key);
    assert.notEqual(techniques.length, 0, key);
    for (const technique of techniques) assert.match(technique, /^T1\d{3}(?:\.\d{3})?$/, key);
    assert.notEqual(rules.length, 0, key);
  }
});

test("Only the base tier is on by default, and each tier has keys", () => {
  assert.deepEqual(
    auditTiers.filter(({ isDefault }) => isDefault).map(({ name }) => name),
    ["base"],
  );
  assert.deepEqual(
    [...new Set(auditKeys.map(({ tier }) => tier))],
    auditTiers.map(({ name }) => name),
  );
});

test("No audit rule watches a path of an account's home other than root's", () => {
  const paths = auditKeys.flatMap(({ rules }) =>
    rules.flatMap((rule) => (rule.kind === "watch" ? [rule.path] : [])),
  );

  for (const path of paths) assert.doesNotMatch(path, /^\/home\/|[^A-Za-z0-9_./-]|\/$/);
});

test("Only keys that there are were counted", () => {
  const keys = new Set<string>(auditKeys.map(({ key }) => key));

  assert.deepEqual(
    Object.values(auditVolumes)
      .flatMap((volumes) => Object.keys(volumes))
      .filter((key) => key !== "none" && !keys.has(key)),
    [],
  );
});
