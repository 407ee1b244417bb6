import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { fieldOf, unpack } from "#test/support/deb-file.ts";
import { keepEvidence } from "#test/support/evidence.ts";

const sources = [
  "src",
  "build",
  "debian",
  "etc",
  "man",
  "completions",
  "rules.d",
  "package.json",
  "package-lock.json",
];

describe("The package of the real program", () => {
  const root = mkdtempSync(join(tmpdir(), "linuxguard-real-"));
  const checkout = join(root, "checkout");
  let deb = "";
  let agent = "";

  before(() => {
    for (const name of sources) cpSync(name, join(checkout, name), { recursive: true });
    symlinkSync(resolve("node_modules"), join(checkout, "node_modules"));
    make("build/binary.ts");
    make("build/package/deb.ts", "--compression", "xz-0");
    [deb = ""] = globSync(join(checkout, "dist/packages/*.deb"));
    agent = join(unpack(deb, join(root, "unpacked")).files, footprint.files.agent.path);
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  function make(...args: readonly string[]): void {
    execFileSync(process.execPath, args, { cwd: checkout, stdio: ["ignore", "ignore", "inherit"] });
  }

  test("has no finding of lintian but those that are overridden, each with a reason and still found", () => {
    const options = ["--allow-root", "--show-overrides", "--tag-display-limit", "0"];
    const { stdout, stderr, error } = spawnSync("lintian", [...options, deb], { encoding: "utf8" });

    keepEvidence("lintian", stdout);
    assert.equal(error, undefined, stderr);
    assert.doesNotMatch(stdout, /^[EW]: |(?:unused|mismatched)-override/m, stdout);
    const lines = readFileSync("debian/lintian-overrides", "utf8").trimEnd().split("\n");
    const reasonless = lines.filter(
      (line, index) => !line.startsWith("#") && !/^(?:#|linuxguard: )/.test(lines[index - 1] ?? ""),
    );
    assert.deepEqual(reasonless, []);
    assert.match(stdout, /^O: linuxguard: hardening-no-pie/m, "Lintian did not look");
  });

  test("depends on every library that the program needs, in a version that has all it needs of it", () => {
    const depends = new Map(
      fieldOf(deb, "Depends")
        .split(", ")
        .map((each) => /^(?<name>\S+)(?: \(>= (?<version>[^)]+)\))?/.exec(each)?.groups)
        .map((groups) => [groups?.name ?? "", groups?.version ?? ""]),
    );

    const needed = [...run("objdump", "-p", agent).matchAll(/NEEDED +(?<library>\S+)/g)];
    assert.ok(needed.length > 3);
    for (const [, library = ""] of needed) {
      const name = packages.find(([form]) => form.test(library))?.[1] ?? "";
      assert.ok(depends.has(name), `${library} is of no package that is depended on`);
    }
    const versions = [
      ...new Set(run("objdump", "-T", agent).match(/\b(?:GLIBC|GLIBCXX|CXXABI)_[\d.]+/g)),
    ];
    assert.ok(versions.length > 10);
    for (const version of versions) {
      const [name, least] = firstIn(version);
      assert.ok(atLeast(depends.get(name) ?? "", least), `${version} needs ${name} >= ${least}`);
    }
  });

  test("brings a program that runs by both its names", () => {
    assert.match(run(agent, "version"), /^linuxguard-agent \d+\.\d+\.\d+$/m);
    assert.match(run(join(agent, "..", "linuxguard"), "version"), /^linuxguard \d/m);
    assert.equal(existsSync(join(checkout, "dist/THIRD-PARTY.txt")), true);
  });
});

/** Which package of Debian has a library. */
const packages: readonly (readonly [RegExp, string])[] = [
  [/^libatomic\.so\.1$/, "libatomic1"],
  [/^libgcc_s\.so\.1$/, "libgcc-s1"],
  [/^libstdc\+\+\.so\.6$/, "libstdc++6"],
  [/^(?:lib(?:c|m|dl|pthread|rt)\.so\.\d|ld-linux-.*)$/, "libc6"],
];

/**
 * Which package has a version of symbols, and since which version of its own.
 *
 * Source: the GNU C++ library's manual, ABI policy and guidelines.
 */
function firstIn(version: string): readonly [string, string] {
  if (version.startsWith("GLIBC_")) return ["libc6", version.slice("GLIBC_".length)];
  const since: readonly (readonly [string, string])[] = [
    ["GLIBCXX_3.4.21", "5"],
    ["GLIBCXX_3.4.22", "6"],
    ["GLIBCXX_3.4.24", "7"],
    ["GLIBCXX_3.4.25", "8"],
    ["GLIBCXX_3.4.28", "9"],
    ["CXXABI_1.3.9", "5"],
    ["CXXABI_1.3.10", "6"],
    ["CXXABI_1.3.11", "7"],
    ["CXXABI_1.3.12", "9"],
  ];
  const [family = ""] = version.split("_", 1);
  const later = since.filter(([symbol]) => symbol.startsWith(`${family}_`));
  const found = later.find(([symbol]) => atLeast(symbol, version));
  return ["libstdc++6", found?.[1] ?? "99"];
}

/** Whether a version is the other one or a later one. */
function atLeast(version: string, least: string): boolean {
  return spawnSync("dpkg", ["--compare-versions", plain(version), "ge", plain(least)]).status === 0;
}

function plain(version: string): string {
  return version.replace(/^[A-Z]+_/, "");
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", maxBuffer: 100_000_000 });
}
