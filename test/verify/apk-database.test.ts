import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { renderApkDatabase } from "#test/support/apk-database.ts";
import { readApk } from "#test/support/read-apk.ts";
import { makeStubApk } from "#test/support/stub-package.ts";
import { findApkChanges } from "#verify/apk-database.ts";

const { files, openrc } = footprint;

describe("findApkChanges()", () => {
  let root = "";
  const find = () =>
    findApkChanges({
      root,
      uid: 0,
      run: async () => await Promise.resolve({ why: "none is here" }),
    });
  const at = (path: string) => join(root, path);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "linuxguard-apk-database-"));
    const apk = readApk(readFileSync(makeStubApk(join(root, "packages"))), "unsigned");
    for (const { path, type, target, bytes } of apk.entries) {
      if (type === "5") mkdirSync(at(path), { recursive: true });
      else if (type === "2") symlinkSync(target, at(path));
      else writeFileSync(at(path), bytes);
    }
    const database = at("lib/apk/db/installed");
    mkdirSync(dirname(database), { recursive: true });
    writeFileSync(database, `P:other\nF:etc\nR:other\nZ:Q1AAAA\n\n${renderApkDatabase(apk)}`);
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  test("finds nothing where all is as it was installed, settings aside", () => {
    writeFileSync(at(openrc.settings.path), "respawn_max=3\n");

    assert.deepEqual(find(), { value: [] });
  });

  test("names a file that was changed, a link that leads elsewhere and what is gone", () => {
    writeFileSync(at(files.agent.path), "another program");
    rmSync(at(files.cli.path));
    symlinkSync("/tmp/program", at(files.cli.path));
    rmSync(at(openrc.script.path));

    const found = find();

    assert.ok(found !== undefined && "value" in found);
    assert.deepEqual([...found.value].toSorted(), [
      `${openrc.script.path} is missing`,
      `${files.cli.path} was changed`,
      `${files.agent.path} was changed`,
    ]);
  });

  test("looks at nothing where apk has no such package", () => {
    writeFileSync(at("lib/apk/db/installed"), "P:other\n\n");

    assert.equal(find(), undefined);
  });
});
