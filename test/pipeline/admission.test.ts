import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { severities } from "#model/severity.ts";
import { admit, leastSeverity } from "#pipeline/admission.ts";
import { severityOf } from "#pipeline/severity.ts";
import { runLog } from "#test/support/engine.ts";
import { eventOf } from "#test/support/severity-events.ts";

test("leastSeverity() rises with what is not delivered", () => {
  const shares = [0, 0.62, 0.63, 0.74, 0.75, 1];

  const least = shares.map(leastSeverity);

  assert.deepEqual(least, ["low", "low", "ordinary", "ordinary", "high", "high"]);
});

test("admit() takes or counts every document, the severe ones as they are and in their order", () => {
  const events = fc.array(fc.constantFrom(...severities), { maxLength: 40 });
  const property = fc.property(events, fc.constantFrom(...severities), (kinds, least) => {
    const log = kinds.map((severity, serial) => eventOf(severity, 2 * serial + 1)).join("");
    const documents = runLog(Buffer.from(log));
    const lines = documents.toString().split("\n").slice(0, -1);
    const from = severities.indexOf(least);
    const isSevere = (line: string) => {
      return severities.indexOf(severityOf(Buffer.from(line))) >= from;
    };
    const taken: string[] = [];

    const shed = admit(documents, least, (document) =>
      taken.push(Buffer.from(document).toString()),
    );

    const gone = lines.filter((line) => !isSevere(line));
    const ids = gone.map((line) => (JSON.parse(line) as { event: { id: string } }).event.id);
    assert.equal(lines.length, kinds.length);
    assert.deepEqual(
      taken,
      lines.filter(isSevere).map((line) => `${line}\n`),
    );
    const [first] = ids;
    const last = ids.at(-1);
    const bytes = Buffer.byteLength(gone.map((line) => `${line}\n`).join(""));
    const expected = { count: ids.length, events: ids.length, bytes, first, last };
    assert.deepEqual(shed, ids.length === 0 ? undefined : expected);
  });

  fc.assert(property, { numRuns: 60 });
});
