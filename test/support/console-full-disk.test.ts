import assert from "node:assert/strict";
import { test } from "node:test";
import { runOnTmpfs } from "#test/support/tmpfs.ts";

const program = `
import { rmSync, statSync, writeFileSync } from "node:fs";
import { Journal } from "#test/support/console/journal.ts";
const folder = process.argv[1];
const path = folder + "/a.journal";
const journal = await Journal.open(path, () => {});
const entry = { facts: "facts", body: Buffer.alloc(30_000, "x") };
await journal.append(entry);
writeFileSync(folder + "/filler", Buffer.alloc(16_384));
const { size } = statSync(path);
const code = await journal.append(entry).catch((error) => error.code);
const isAsBefore = statSync(path).size === size;
rmSync(folder + "/filler");
await journal.append(entry);
let entries = 0;
for await (const { body } of journal.entries()) entries += body.equals(entry.body) ? 1 : 0;
process.stdout.write(JSON.stringify({ code, isAsBefore, entries }));
`;

test("A journal refuses an append that has no space, is as before, and goes on when there is some", () => {
  const script = '"$2" --input-type=module --eval "$3" "$1"';

  const run = runOnTmpfs("size=64k", script, [process.execPath, program]);

  assert.equal(run.stderr, "");
  assert.deepEqual(JSON.parse(run.stdout), { code: "ENOSPC", isAsBefore: true, entries: 2 });
});
