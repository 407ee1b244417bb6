import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { baseOf } from "#build/binary/base.ts";
import { makeJitlessDeb } from "#build/package/jitless-deb.ts";
import { identity } from "#product/identity.ts";
import { fieldOf, listMembers } from "#test/support/deb-file.ts";

describe("The package of the agent without a compiler", () => {
  const root = mkdtempSync(join(tmpdir(), "linuxguard-jitless-"));
  let deb = "";

  before(async () => {
    for (const name of ["src", "build", "package.json"]) {
      cpSync(name, join(root, name), { recursive: true });
    }
    symlinkSync(resolve("node_modules"), join(root, "node_modules"));
    execFileSync(process.execPath, ["build/binary.ts", "--jitless"], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
    deb = await makeJitlessDeb({
      base: baseOf(),
      agentFile: join(root, "dist", identity.jitlessAgent),
      version: "1.2",
      compression: "xz-0",
      folder: root,
    });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test("has the program that the drop-in names, and goes with the agent's of the same version", () => {
    const files = listMembers(deb).filter(({ type }) => type === "-");
    const dropIn = readFileSync("etc/systemd/drop-ins/50-no-new-code.conf", "utf8");

    const programs = files.filter(({ permissions }) => permissions.includes("x"));

    assert.deepEqual(
      programs.map(({ path, owner }) => [path, owner]),
      [[`/usr/bin/${identity.jitlessAgent}`, "root/root"]],
    );
    assert.ok(dropIn.includes(`\nExecStart=${programs[0]?.path} run\n`));
    assert.match(fieldOf(deb, "Depends"), /^linuxguard \(= 1\.2\), /);
  });

  test("has no finding of lintian but those that are overridden, and still found", () => {
    const options = ["--allow-root", "--show-overrides", "--tag-display-limit", "0"];

    const { stdout, stderr, error } = spawnSync("lintian", [...options, deb], { encoding: "utf8" });

    assert.equal(error, undefined, stderr);
    assert.doesNotMatch(stdout, /^[EW]: |(?:unused|mismatched)-override/m, stdout);
    assert.match(stdout, /^O: linuxguard-jitless: hardening-no-pie/m, "Lintian did not look");
  });
});
