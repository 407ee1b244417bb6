import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { baseOf, bases, isNative } from "#build/binary/base.ts";
import { debianPackages, fetchDebianPackage } from "#build/package/debian-packages.ts";
import { fileEntry } from "#build/package/entry.ts";
import { loaderEntries, loaderLibraries, patchProgram } from "#build/package/loader.ts";
import { footprint } from "#product/footprint.ts";
import { buildAgent } from "#test/support/built-agent.ts";

const { agent, cli } = footprint.files;
const directory = "/usr/lib/linuxguard/lib";
const log = "test/fixtures/sudo/audit.log";
const machines = { x86_64: /Machine: +.*X86-64/, aarch64: /Machine: +AArch64/ } as const;
const emulators = { x86_64: "qemu-x86_64-static", aarch64: "qemu-aarch64-static" } as const;

for (const base of bases) {
  describe(`The private loader for ${base.debianArch}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "linuxguard-loader-"));
    const program = join(folder, "agent");
    const libraries = loaderLibraries(base);
    let built = "";

    before(() => {
      built = buildAgent(join(folder, "checkout"), base);
      writeFileSync(program, patchProgram(built, base), { mode: 0o755 });
    });
    after(() => {
      rmSync(folder, { recursive: true });
    });

    test("has all that the program and the libraries themselves need, and nothing more", () => {
      const files = libraries.map(({ name, bytes }) => {
        const file = join(folder, name);
        writeFileSync(file, bytes);
        return file;
      });

      const needed = new Set([program, ...files].flatMap(neededOf));

      assert.deepEqual([...needed].toSorted(), libraries.map(({ name }) => name).toSorted());
      for (const file of files)
        assert.match(readelf("--file-header", file), machines[base.machine]);
    });

    test("stands in the program, which needs no other libraries than before, and is the same again", () => {
      const header = readelf("--program-headers", program);
      const loader = /program interpreter: (?<path>.+)\]/.exec(header)?.groups?.path ?? "";

      assert.equal(dirname(loader), directory);
      assert.ok(libraries.some(({ name }) => name === basename(loader)));
      assert.match(readelf("--dynamic", program), /\(RPATH\).*\[\/usr\/lib\/linuxguard\/lib\]$/m);
      assert.deepEqual(neededOf(program), neededOf(built));
      assert.ok(readFileSync(program).equals(patchProgram(built, base)));
    });

    test("has the program make of a log what it makes elsewhere, where there is nothing else", () => {
      const root = join(folder, "root");
      const emulator = readFileSync(`/usr/bin/${emulators[base.machine]}`);
      const entries = [
        ...loaderEntries(base),
        fileEntry(agent.path, readFileSync(program), 0o755),
        fileEntry("/audit.log", readFileSync(log)),
        fileEntry("/emulator", emulator, 0o755),
      ];
      for (const entry of entries) {
        if (entry.kind !== "file") continue;
        mkdirSync(dirname(join(root, entry.path)), { recursive: true });
        writeFileSync(join(root, entry.path), entry.bytes, { mode: entry.mode });
      }
      symlinkSync(basename(agent.path), join(root, cli.path));
      const words = isNative(base) ? [cli.path] : ["/emulator", "-0", "linuxguard", agent.path];

      const there = run("chroot", root, ...words, "replay", "/audit.log");

      assert.equal(there, run(process.execPath, "src/main.ts", "replay", log));
      assert.ok(there.length > 1_000);
    });

    test("is told of in a notice, by file, source and licence, with the texts", () => {
      const entry = loaderEntries(base).find(({ path }) => path.endsWith("/NOTICE"));
      const notice = entry?.kind === "file" ? Buffer.from(entry.bytes).toString() : "";

      for (const { name, package: from, source, version, licence } of libraries) {
        const lines = [
          `${directory}/${name}`,
          `  Debian package ${from}, source package ${source} ${version}`,
          `  ${licence}`,
        ];
        assert.ok(notice.includes(`${lines.join("\n")}\n`), name);
      }
      for (const title of [
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "GNU GENERAL PUBLIC LICENSE",
        "GCC RUNTIME LIBRARY EXCEPTION",
      ]) {
        assert.ok(notice.includes(title), title);
      }
    });
  });
}

test("A package of Debian comes from the first mirror that has it, and is refused with another checksum", () => {
  for (const { sha256 } of Object.values(debianPackages)) {
    for (const { debianArch } of bases) assert.match(sha256[debianArch], /^[0-9a-f]{64}$/);
  }
  const { libatomic } = debianPackages;
  const sha256 = { amd64: "0".repeat(64), arm64: "0".repeat(64) };
  const base = baseOf();
  const cache = mkdtempSync(join(tmpdir(), "linuxguard-debs-"));
  const none = "http://deb.debian.org/none";
  const places = { cache, mirrors: [none, "http://deb.debian.org/debian"] };

  assert.throws(() => fetchDebianPackage({ ...libatomic, sha256 }, base, places), /Cannot trust/);
  assert.throws(
    () => fetchDebianPackage(libatomic, base, { cache, mirrors: [none] }),
    /Cannot fetch http:\/\/deb\.debian\.org\/none\/.*libatomic1_/,
  );
  assert.deepEqual(readdirSync(cache), []);
  const folder = fetchDebianPackage(libatomic, base, places);
  assert.ok(existsSync(join(folder, "usr/lib", base.triplet, "libatomic.so.1")));
  rmSync(cache, { recursive: true });
});

function neededOf(file: string): readonly string[] {
  const found = readelf("--dynamic", file).matchAll(/Shared library: \[(?<name>.+)\]/g);
  return [...found].map(({ groups }) => groups?.name ?? "");
}

function readelf(...args: readonly string[]): string {
  return run("readelf", "--wide", ...args);
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", maxBuffer: 100_000_000, stdio: "pipe" });
}
