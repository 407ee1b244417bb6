import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

const root = mkdtempSync(join(tmpdir(), "linuxguard-packages-"));
const sources = [
  ...["src", "build", "debian", "rpm", "apk", "etc", "man", "completions", "rules.d", "LICENSE"],
  ...["package.json", "package-lock.json"],
];

/** Makes all packages, with any program for the agent, in a folder and at a time of its own. */
async function makePackages(name: string, clock: string, umask: string): Promise<string> {
  const folder = join(root, name);
  for (const each of sources) cpSync(each, join(folder, each), { recursive: true });
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const line = ["build/package/packages.ts", "--stub", "/bin/true", "--output", "packages"];
  const script = 'umask "$1"; clock=$2; shift 2; exec faketime "$clock" "$@"';
  await promisify(execFile)(
    "/bin/sh",
    ["-c", script, "sh", umask, clock, process.execPath, ...line],
    {
      cwd: folder,
      // The times of files are what they are. Source: faketime(1).
      env: { ...process.env, NO_FAKE_STAT: "1", TZ: name === "one" ? "UTC" : "Asia/Tokyo" },
    },
  );
  return join(folder, "packages");
}

describe("The packages of all formats", () => {
  let one = "";
  let other = "";

  before(async () => {
    [one, other] = await Promise.all([
      makePackages("one", "2026-11-24 01:02:03", "022"),
      makePackages("another folder", "2031-02-03 04:05:06", "077"),
    ]);
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test("are the same bytes in two folders, at two times, with two umasks", () => {
    const sumsOf = (folder: string) => readFileSync(join(folder, "SHA256SUMS"), "utf8");

    assert.equal(sumsOf(other), sumsOf(one));
  });

  test("are there for both architectures, each with its list of parts", () => {
    const sums = readFileSync(join(one, "SHA256SUMS"), "utf8").trimEnd().split("\n");

    const kinds = sums.map((line) => line.slice(66).replace(/[-_]\d+\.\d+\.\d+(?:-(?:r0|1))?/, ""));
    assert.deepEqual(kinds.toSorted(), [
      "linuxguard-jitless_amd64.deb",
      "linuxguard-jitless_arm64.deb",
      "linuxguard.aarch64.apk",
      "linuxguard.aarch64.rpm",
      "linuxguard.x86_64.apk",
      "linuxguard.x86_64.rpm",
      "linuxguard_amd64.cdx.json",
      "linuxguard_amd64.deb",
      "linuxguard_arm64.cdx.json",
      "linuxguard_arm64.deb",
    ]);
  });

  test("are what their checksums say", () => {
    execFileSync("sha256sum", ["--quiet", "--strict", "--check", "SHA256SUMS"], { cwd: one });
  });
});
