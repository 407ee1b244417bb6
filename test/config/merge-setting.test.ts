import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mergeSetting } from "#config/merge-setting.ts";
import { checkConfig, parseConfig } from "#config/parse-config.ts";
import { renderSample } from "#config/sample.ts";

const file = "linuxguard.conf";
const url = "https://console.example/v1/";

const cases: readonly (readonly [name: string, before: string, after: string])[] = [
  ["an empty file", "", `[console]\nurl = ${url}\n`],
  ["a file that is a mark of UTF-8", "\ufeff", `\ufeff[console]\nurl = ${url}\n`],
  ["a value", "[console]\nurl = https://a/\n", `[console]\nurl = ${url}\n`],
  [
    "a value with a comment",
    "[console]\n  url=https://a/ # ours\n# end",
    `[console]\n  url=${url} # ours\n# end`,
  ],
  ["a value in quotes", '[console]\nurl = "https://a/" # ours\n', `[console]\nurl = ${url}\n`],
  ["no value", "[console]\nurl =\n", `[console]\nurl =${url}\n`],
  ["a value at the end", "[console]\nurl = https://a/", `[console]\nurl = ${url}`],
  [
    "a value in the second part of the section",
    "[console]\n[log]\n[console]\nurl=x\n",
    `[console]\n[log]\n[console]\nurl=${url}\n`,
  ],
  [
    "the same key elsewhere",
    "[log]\nurl = x\n[console]\n",
    `[log]\nurl = x\n[console]\nurl = ${url}\n`,
  ],
  [
    "another section",
    "[log]\nlevel = warn\n\n\n",
    `[log]\nlevel = warn\n\n\n\n[console]\nurl = ${url}\n`,
  ],
  ["a last line without an end", "# ours", `# ours\n\n[console]\nurl = ${url}\n`],
  [
    "lines that end as on Windows",
    "[console]\r\n; ours\r\n[log]\r\n",
    `[console]\r\nurl = ${url}\r\n; ours\r\n[log]\r\n`,
  ],
  [
    "the default as a comment",
    "[console]\n# help\n#url = https://b/\n\n[log]\n",
    `[console]\n# help\n#url = https://b/\nurl = ${url}\n\n[log]\n`,
  ],
  [
    "the comment of a setting of another section",
    "[console]\n[log]\n#url = https://b/\n",
    `[console]\nurl = ${url}\n[log]\n#url = https://b/\n`,
  ],
  ["a line that is none", "[console]\nurl\n", `[console]\nurl\nurl = ${url}\n`],
];

for (const [name, before, after] of cases) {
  test(`mergeSetting() sets a value where there is ${name}`, () => {
    assert.equal(mergeSetting(before, "console.url", url), after);
  });
}

test("mergeSetting() changes one line of the sample", () => {
  const sample = renderSample();

  const merged = mergeSetting(sample, "console.url", url);

  assert.equal(merged.replace(`url = ${url}\n`, ""), sample);
  assert.equal(parseConfig([{ file, text: merged }]).config.console.url, url);
});

test("mergeSetting() does nothing the second time", () => {
  for (const [, before] of cases) {
    const once = mergeSetting(before, "console.url", url);

    assert.equal(mergeSetting(once, "console.url", url), once);
  }
});

const line = fc.oneof(
  fc.constantFrom("[console]", "[log]", "[console] # x", "url = https://a/", "#url = https://b/"),
  fc.constantFrom(
    "level = warn",
    '"url" = "https://c/"',
    "url = 'x' ; y",
    "url[] = x",
    "= x",
    "\r",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(..."url=[]console \t#;\"'\\"), maxLength: 16 }),
);
const someText = fc
  .tuple(fc.constantFrom("\n", "\r\n"), fc.array(line, { maxLength: 12 }))
  .map(([end, lines]) => lines.join(end));

test("mergeSetting() keeps every other line to the byte, and the reader finds the value", () => {
  fc.assert(
    fc.property(someText, (before) => {
      const after = mergeSetting(before, "console.url", url);

      const rest = linesOf(after).filter((each) => !each.includes(url));
      const expected = linesOf(before).filter((each) => each !== "");
      assert.ok(isWithin(rest, expected), "A line was changed or added");
      const { places, problems } = checkConfig([{ file, text: after }]);
      const at = places.get("console.url")?.line;
      const isRead = after.split(/\r?\n/)[(at ?? 0) - 1]?.includes(url) ?? false;
      const isRefused = problems.some(({ message }) => message.includes("console.url"));
      assert.ok(isRead || isRefused, "The reader sees another value");
    }),
    { numRuns: 2_000 },
  );
});

/** The lines without their ends, and without our section. The last line may get an end behind a \r of its own. */
function linesOf(text: string): readonly string[] {
  const lines = text.split("\n").map((each) => each.replace(/\r+$/, ""));
  return lines.filter((each) => each !== "" && each !== "[console]");
}

/** Whether the parts stand within the whole in their order. */
function isWithin(parts: readonly string[], whole: readonly string[]): boolean {
  let from = 0;
  return parts.every((part) => {
    from = whole.indexOf(part, from) + 1;
    return from > 0;
  });
}
