import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchesFilters, parseFilter } from "#cli/filters.ts";

const document = {
  event: { action: "executed", category: ["process", "host"], sequence: 42 },
  process: { args: ["ls", "-l=a"], executable: "/usr/bin/ls" },
  auditd: { paths: [{ name: "/etc/passwd" }, { name: "/etc/shadow" }] },
};

const cases: readonly (readonly [filter: string, matches: boolean])[] = [
  ["event.action=executed", true],
  ["event.action=exec", false],
  ["event.action!=executed", false],
  ["event.action!=opened-file", true],
  ["event.category=host", true],
  ["event.category!=host", false],
  ["event.sequence=42", true],
  ["process.executable=/usr/*", true],
  ["process.executable=*bin*", true],
  ["process.executable=*/ls", true],
  ["process.executable=/usr/*x*ls", false],
  ["process.executable=/usr/bin/ls*s", false],
  ["process.args=-l=a", true],
  ["auditd.paths.name=*shadow", true],
  ["auditd.paths.name=*gshadow", false],
  ["user.name=*", false],
  ["user.name!=*", true],
  ["user.name!=root", true],
  ["event.action=*", true],
  ["event=*", false],
  ["process.constructor=*", false],
];

for (const [filter, matches] of cases) {
  test(`matchesFilters() ${matches ? "passes" : "stops"} the event for ${filter}`, () => {
    assert.equal(matchesFilters(document, [parseFilter(filter)]), matches);
  });
}

test("matchesFilters() asks for all filters", () => {
  const filters = ["event.action=executed", "process.args=rm"].map(parseFilter);

  assert.equal(matchesFilters(document, filters), false);
  assert.equal(matchesFilters(document, []), true);
});

test("matchesFilters() finds any value with some of its parts replaced by wildcards", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string().map((text) => text.replaceAll("*", ""))),
      fc.string(),
      (parts, gap) => {
        const filter = parseFilter(`a=${parts.join("*")}`);

        assert.equal(
          matchesFilters({ a: parts.join(parts.length > 1 ? gap : "") }, [filter]),
          true,
        );
      },
    ),
  );
});

test("parseFilter() refuses what is no filter", () => {
  for (const text of ["", "event.action", "=x", "!=x", "a b=c"]) {
    assert.throws(() => parseFilter(text), { code: "usage.invalid" });
  }
});
