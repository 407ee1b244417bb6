import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { NamesById } from "#enrich/accounts.ts";
import { askNameService } from "#enrich/getent.ts";
import { Names } from "#enrich/names.ts";

const folder = mkdtempSync(join(tmpdir(), "linuxguard-names-"));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function writeAccounts(text: string): string {
  const path = join(folder, `passwd-${++files}`);
  writeFileSync(path, text);
  return path;
}

/** A directory service that says what it was asked. */
class Directory {
  readonly questions: number[][] = [];
  answer: NamesById | "refused" | undefined = new Map([[2_000, "bob"]]);

  readonly ask = async (
    _database: string,
    ids: readonly number[],
  ): Promise<NamesById | "refused" | undefined> => {
    this.questions.push([...ids]);
    return this.answer;
  };
}

test("Names has the names of the file at once", () => {
  const names = new Names({ database: "passwd", path: writeAccounts("alice:x:1000:1000::/:/\n") });

  assert.equal(names.name(1_000), "alice");
  assert.equal(names.name(1_001), undefined);
});

test("Names takes a replaced file at the next check", () => {
  const path = writeAccounts("alice:x:1000:1000::/:/\n");
  const names = new Names({ database: "passwd", path });
  names.tick(10_000);
  const next = writeAccounts("carol:x:1000:1000::/:/\n");
  renameSync(next, path);

  names.tick(10_500);
  const before = names.name(1_000);
  names.tick(11_000);

  assert.equal(before, "alice");
  assert.equal(names.name(1_000), "carol");
});

test("Names takes a changed file at once when told that accounts changed", () => {
  const path = writeAccounts("alice:x:1000:1000::/:/\n");
  const names = new Names({ database: "passwd", path });
  names.tick(10_000);
  writeFileSync(path, "alice:x:1000:1000::/:/\ncarol:x:1001:1001::/:/\n");

  names.invalidate();

  assert.equal(names.name(1_001), "carol");
});

test("Names asks for what the file has not, once, and remembers also that there is no name", async () => {
  const directory = new Directory();
  const names = new Names({ database: "passwd", path: writeAccounts(""), ask: directory.ask });
  const first = [names.name(2_000), names.name(2_001)];
  names.tick(1_000);
  await setImmediate();

  const second = [names.name(2_000), names.name(2_001)];
  names.tick(2_000);
  await setImmediate();

  assert.deepEqual(first, [undefined, undefined]);
  assert.deepEqual(second, ["bob", undefined]);
  assert.deepEqual(directory.questions, [[2_000, 2_001]]);
});

test("Names asks again when an answer is old, and has the old name meanwhile", async () => {
  const directory = new Directory();
  const names = new Names({ database: "passwd", path: writeAccounts(""), ask: directory.ask });
  names.name(2_000);
  names.tick(0);
  await setImmediate();
  directory.answer = new Map([[2_000, "robert"]]);
  names.tick(1_800_000);

  const meanwhile = names.name(2_000);
  names.tick(1_801_000);
  await setImmediate();

  assert.equal(meanwhile, "bob");
  assert.equal(names.name(2_000), "robert");
});

test("Names keeps a name while the directory does not answer, and asks again later", async () => {
  const directory = new Directory();
  const names = new Names({ database: "passwd", path: writeAccounts(""), ask: directory.ask });
  names.name(2_000);
  names.tick(0);
  await setImmediate();
  directory.answer = undefined;
  for (const nowMs of [1_800_000, 1_801_000, 1_830_000, 1_862_000, 1_863_000]) {
    names.tick(nowMs);
    await setImmediate();
    assert.equal(names.name(2_000), "bob");
  }

  assert.equal(directory.questions.length, 3);
});

test("Names asks no more once it was refused", async () => {
  const directory = new Directory();
  directory.answer = "refused";
  const names = new Names({ database: "passwd", path: writeAccounts(""), ask: directory.ask });
  for (let nowMs = 0; nowMs < 7_200_000; nowMs += 60_000) {
    names.name(2_000);
    names.tick(nowMs);
    await setImmediate();
  }

  assert.equal(directory.questions.length, 1);
});

test("Names lets go of an answer that was on its way when accounts changed", async () => {
  const directory = new Directory();
  const names = new Names({ database: "passwd", path: writeAccounts(""), ask: directory.ask });
  names.name(2_000);
  names.tick(0);
  names.invalidate();
  await setImmediate();

  assert.equal(names.name(2_000), undefined);
});

test("Names asks for no id that an account cannot have, and for few at a time", async () => {
  const directory = new Directory();
  const names = new Names({ database: "passwd", path: writeAccounts(""), ask: directory.ask });

  for (const id of [-1, 4_294_967_295, 1.5, Number.NaN]) names.name(id);
  for (let id = 5_000; id < 20_000; id++) names.name(id);
  for (let nowMs = 0; nowMs < 30_000; nowMs += 1_000) {
    names.tick(nowMs);
    await setImmediate();
  }

  assert.ok(directory.questions.every((ids) => ids.length <= 64));
  assert.equal(directory.questions.flat().length, 1_024);
  assert.equal(Math.min(...directory.questions.flat()), 5_000);
});

test("Names works with this machine's own name service", async () => {
  const names = new Names({ database: "passwd", path: writeAccounts(""), ask: askNameService });
  names.name(0);
  names.tick(0);

  for (let wait = 0; wait < 50_000 && names.name(0) === undefined; wait++) await setImmediate();

  assert.equal(names.name(0), "root");
});

test("Names has no names where there is no file", () => {
  const names = new Names({ database: "passwd", path: join(folder, "none") });

  assert.equal(names.name(0), undefined);
});
