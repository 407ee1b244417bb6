import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { ruleFiles } from "#build/rules/files.ts";
import { renderTier } from "#build/rules/render.ts";
import { auditKeys, auditTiers, type Family, type Machine } from "#product/audit-rules.ts";

/** What ausyscall(8) calls the machines that `arch=` stands for. */
const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  x86_64: { b64: "x86_64", b32: "i386" },
  aarch64: { b64: "aarch64", b32: "arm" },
};

const forms = [
  /^-a (?:always|never),exit -F arch=b(?:64|32) -S [a-z0-9_,]+(?: -[CF] \S+)* -F key=lg_[a-z_]+$/,
  /^-a always,exit -F (?:path|dir)=\S+ -F perm=(?:wa|r)(?: -F auid\S+)* -F key=lg_[a-z_]+$/,
];

for (const [path, text] of ruleFiles()) {
  const [, machine = "", file = ""] = path.split("/");
  const tier = file.replace(".rules", "");
  const rules = rulesOf(text);

  test(`${path} can be put between other rules, and only adds to them`, () => {
    assert.match(text, /^\n# /);
    assert.match(text, /[^\n]\n$/);
    for (const rule of rules)
      assert.ok(
        forms.some((form) => form.test(rule)),
        rule,
      );
    assert.deepEqual(rules, [...new Set(rules)]);
  });

  test(`${path} has excludes first, then every key of its tier and no other`, () => {
    const firstAlways = rules.findIndex((rule) => rule.startsWith("-a always"));

    const found = [...text.matchAll(/^-a always.* -F key=(?<key>\w+)$/gm)].map(
      ({ groups }) => groups?.key,
    );

    assert.ok(rules.slice(firstAlways).every((rule) => rule.startsWith("-a always")));
    assert.deepEqual(
      [...new Set(found)],
      auditKeys.filter((row) => row.tier === tier).map(({ key }) => key),
    );
  });

  test(`${path} says above the rules of each key what it is for, and the techniques`, () => {
    for (const { key, purpose, techniques } of auditKeys.filter((row) => row.tier === tier)) {
      const comment = `# ${key}: ${purpose}. ${techniques.join(", ")}.\n-a always,exit `;
      assert.ok(text.includes(comment), key);
    }
  });

  test(`${path} records calls of 64-bit and of 32-bit programs`, () => {
    const withoutCalls = (arch: string) =>
      rules
        .filter((rule) => rule.includes(` -F arch=${arch} `))
        .map((rule) => rule.replace(/ -F arch=\S+ -S \S+/, ""));

    const b64 = withoutCalls("b64");
    const b32 = new Set(withoutCalls("b32"));

    assert.deepEqual(
      b64.filter((rule) => !b32.has(rule)),
      [],
    );
  });

  test(`${path} names only calls that ausyscall(8) knows on ${machine}`, () => {
    const known = new Map(
      Object.entries(tables[machine] ?? {}).map(([arch, table]) => [arch, listCalls(table)]),
    );

    for (const rule of rules) {
      const { arch, calls = "" } = /-F arch=(?<arch>\S+) -S (?<calls>\S+)/.exec(rule)?.groups ?? {};
      if (arch === undefined) continue;
      const unknown = calls
        .split(",")
        .filter((call) => !/^\d+$/.test(call) && known.get(arch)?.has(call) !== true);
      assert.deepEqual(unknown, [], rule);
    }
  });
}

test("renderTier() watches a tree only where every host has it", () => {
  const treesOf = (family: Family, machine: Machine) =>
    auditTiers
      .flatMap(({ name }) => rulesOf(renderTier(name, { family, machine })))
      .flatMap((rule) => / -F dir=(?<path>\S+)/.exec(rule)?.groups?.path ?? []);

  assert.deepEqual(treesOf("debian", "aarch64"), [
    "/etc/pam.d",
    "/usr/lib/aarch64-linux-gnu/security",
    "/etc/systemd",
    "/usr/lib/systemd",
  ]);
  assert.deepEqual(treesOf("redhat", "x86_64"), [
    "/etc/pam.d",
    "/usr/lib64/security",
    "/etc/systemd",
    "/usr/lib/systemd",
  ]);
  assert.deepEqual(treesOf("alpine", "x86_64"), []);
});

function rulesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function listCalls(table: string): ReadonlySet<string> {
  const text = execFileSync("ausyscall", [table, "--dump"], { encoding: "utf8" });
  return new Set(
    [...text.matchAll(/^\d+\t(?<name>\w+)$/gm)].map(({ groups }) => groups?.name ?? ""),
  );
}
