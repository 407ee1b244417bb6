import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type FixtureCase, fixtureCases } from "#test/fixtures/cases.ts";
import { type Fact, facts } from "#test/fixtures/facts.ts";
import { parseDocuments, renderDocuments } from "#test/support/documents.ts";

for (const fixture of fixtureCases()) {
  test(`The log of ${fixture.name} becomes the documents beside it`, () => {
    const documents = parseDocuments(renderDocuments(readFileSync(fixture.logFile), "odd"));

    // They are refreshed by: node test/fixtures/record.ts --update
    assert.deepEqual(documents, parseDocuments(readFileSync(fixture.expectedFile, "utf8")));
  });

  test(`The documents of ${fixture.name} say what its log says`, () => {
    const documents = parseDocuments(renderDocuments(readFileSync(fixture.logFile), "odd"));

    for (const fact of requireFacts(fixture)) {
      assert.ok(
        documents.some((document) => holds(document, fact)),
        `No document says ${JSON.stringify(fact).slice(0, 400)}`,
      );
    }
  });
}

function requireFacts({ name }: FixtureCase): readonly Fact[] {
  const known = facts[name];
  assert.ok(known !== undefined && known.length > 0, `Nothing is known of ${name}`);
  return known;
}

function holds(document: unknown, fact: Fact): boolean {
  return Object.entries(fact).every(([path, expected]) =>
    isDeepStrictEqual(valueAt(document, path), expected),
  );
}

function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
