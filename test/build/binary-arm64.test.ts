import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { bases } from "#build/binary/base.ts";
import { fetchPackage, requireIntegrity } from "#build/binary/fetch-package.ts";

const log = "test/fixtures/sudo/audit.log";

describe("The binary for another architecture", () => {
  const root = mkdtempSync(join(tmpdir(), "linuxguard-cross-"));
  const other = process.arch === "arm64" ? "amd64" : "arm64";
  const machine = { arm64: "AArch64", amd64: "Advanced Micro Devices X86-64" }[other];
  const qemu = { arm64: "qemu-aarch64-static", amd64: "qemu-x86_64-static" }[other];
  const libraries = { arm64: "/usr/aarch64-linux-gnu", amd64: "/usr/x86_64-linux-gnu" }[other];
  const agent = join(root, "dist", other, "linuxguard-agent");

  before(() => {
    for (const name of ["src", "build", "package.json", "package-lock.json"]) {
      cpSync(name, join(root, name), { recursive: true });
    }
    symlinkSync(resolve("node_modules"), join(root, "node_modules"));
    execFileSync(process.execPath, ["build/binary.ts", "--arch", other], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test("is a stripped program of that architecture, which names no folder of this machine", () => {
    const header = run("readelf", "--file-header", "--section-headers", "--wide", agent);
    const bytes = readFileSync(agent);

    assert.match(header, new RegExp(`Machine: +${machine}`));
    assert.doesNotMatch(header, /\.symtab|\.debug_/);
    assert.equal(bytes.includes(root), false);
    assert.equal(bytes.includes(process.cwd()), false);
  });

  test("needs the libraries that the package depends on, and no others", () => {
    const needed = run("readelf", "--dynamic", "--wide", agent).matchAll(
      /Shared library: \[(.+)\]/g,
    );

    const names = [...needed]
      .map(([, name = ""]) => name.replace(/\.so\..*|-linux-.*/, ""))
      .toSorted();
    assert.deepEqual(
      [...new Set(names)],
      ["ld", "libatomic", "libc", "libdl", "libgcc_s", "libm", "libpthread", "libstdc++"],
    );
  });

  test("makes of a log what this machine's own does, to the byte", () => {
    const here = run(process.execPath, join(root, "src/main.ts"), "replay", log);

    const there = run(qemu, "-L", libraries, "-0", "linuxguard", agent, "replay", log);

    assert.equal(there, here);
    assert.ok(here.length > 1_000);
  });
});

describe("fetchPackage()", () => {
  const base = bases.find(({ arch }) => arch !== process.arch);
  const name = `node-linux-${base?.arch}`;
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-fetch-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  test("gives the package that the lock names", () => {
    const fetched = fetchPackage(name);

    const sum = createHash("sha256")
      .update(readFileSync(join(fetched, "bin/node")))
      .digest("hex");
    assert.equal(sum, base?.sha256);
  });

  test("refuses a package that the lock does not name", () => {
    assert.throws(
      () => fetchPackage("no-such-package"),
      /Cannot find no-such-package in package-lock/,
    );
  });

  test("refuses a file that has another integrity", () => {
    const file = join(folder, "file");
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, "content");
    const right = `sha512-${createHash("sha512").update("content").digest("base64")}`;

    requireIntegrity(file, right);

    assert.throws(
      () => requireIntegrity(file, right.replace("sha512-", "sha512-x")),
      /Cannot trust/,
    );
  });
});

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", maxBuffer: 100_000_000 });
}
