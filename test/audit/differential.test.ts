import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type AuditDocument, compareLog } from "#test/audit/differential/compare.ts";
import { deviations, explain } from "#test/audit/differential/deviations.ts";
import { Comparison } from "#test/audit/differential/difference.ts";
import { fixtureCases } from "#test/fixtures/cases.ts";
import { readOracle } from "#test/oracle/auparse.ts";
import { readDocuments } from "#test/support/documents.ts";
import { generateLog } from "#test/support/generated-log.ts";

test("The documents of real logs say what auparse says", (context) => {
  const logs = fixtureCases().map(({ name, logFile }) => ({ name, path: logFile }));

  const comparison = compareLogs(logs);

  requireAgreement(context, comparison);
  assert.ok(comparison.events > 400);
});

test("The documents of generated logs say what auparse says", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-differential-"));
  try {
    const logs = ([[""], ["alpha"], ["", "alpha", "beta"]] as const).flatMap((nodes, index) =>
      [1, 2, 3].map((seed) => {
        const name = `generated-${index}-${seed}`;
        const path = join(folder, name);
        writeFileSync(path, generateLog({ seed: seed + index * 10, events: 300, nodes }));
        return { name, path };
      }),
    );

    const comparison = compareLogs(logs);

    requireAgreement(context, comparison);
    assert.ok(comparison.events > 2_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function compareLogs(logs: readonly { name: string; path: string }[]): Comparison {
  const byLog = Map.groupBy(readOracle(logs.map(({ path }) => path)), ({ log }) => log);
  const comparison = new Comparison();
  for (const [index, { name, path }] of logs.entries()) {
    compareLog(
      name,
      byLog.get(index) ?? [],
      readDocuments(readFileSync(path)) as AuditDocument[],
      comparison,
    );
  }
  return comparison;
}

/** Prints the figures; fails on a difference that no agreed deviation explains. */
function requireAgreement(context: TestContext, comparison: Comparison): void {
  const { events, records, fields, values, documentValues, differences } = comparison;
  const byKind = Map.groupBy(differences, (difference) => explain(difference)?.kind);
  context.diagnostic(
    `${events} events, ${records} records, ${fields} fields, ${values} meanings, ` +
      `${documentValues} values of documents; ${differences.length} agreed deviations:`,
  );
  for (const { kind, why } of deviations) {
    const count = byKind.get(kind)?.length ?? 0;
    if (count > 0) context.diagnostic(`${count} ${kind}: ${why}`);
  }
  const unexplained = byKind.get(undefined) ?? [];
  assert.deepEqual(
    unexplained.slice(0, 10),
    [],
    `${unexplained.length} differences are not agreed`,
  );
  assert.ok(values > 0 && documentValues > 0, "Nothing was compared");
}
