import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Journal, type JournalEntry } from "#test/support/console/journal.ts";

test("A journal that is cut at any byte opens with every entry before the cut, and goes on", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.journal");
  const entries = [1, 2, 3].map((n) => ({ facts: { n }, body: Buffer.alloc(n, n) }));
  const journal = await Journal.open(path, () => {});
  const ends = [0];
  for (const entry of entries) {
    await journal.append(entry);
    ends.push(readFileSync(path).length);
  }
  await journal.close();
  const whole = readFileSync(path);

  for (let length = 0; length <= whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length));
    const kept = ends.findLastIndex((end) => end <= length);
    const found: JournalEntry[] = [];
    const opened = await Journal.open(path, ({ facts, body }) => found.push({ facts, body }));
    await opened.append({ facts: "more", body: Buffer.from("x") });
    const all: JournalEntry[] = [];
    for await (const { facts, body } of opened.entries()) all.push({ facts, body });
    await opened.close();

    assert.deepEqual(found, entries.slice(0, kept), `cut at ${length}`);
    assert.deepEqual(all, [...found, { facts: "more", body: Buffer.from("x") }]);
  }
});
