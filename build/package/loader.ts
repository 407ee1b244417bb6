import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Base } from "#build/binary/base.ts";
import { footprint } from "#product/footprint.ts";
import { type DebianPackage, debianPackages, fetchDebianPackage } from "./debian-packages.ts";
import { type Entry, fileEntry } from "./entry.ts";
import { licences } from "./other-places.ts";

/** A library of the private loader: one file of a package of Debian. */
export interface Library {
  /** Its file's name, such as `libc.so.6`. */
  readonly name: string;
  /** The package of Debian that has it. */
  readonly package: string;
  /** Debian's source package. */
  readonly source: string;
  /** Of the package and of its source. */
  readonly version: string;
  /** As SPDX names it. */
  readonly licence: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** Where the loader and its libraries lie on a host, and nothing else does. */
const directory = footprint.openrc.loader.path;

const { libc6, libstdcxx, libgcc, libatomic, gccBase, baseFiles } = debianPackages;
const runtime = "GPL-3.0-or-later WITH GCC-exception-3.1";

/** Which package has which files, and under which licence. */
const rows: readonly (readonly [from: DebianPackage, licence: string, names: readonly string[]])[] =
  [
    [libc6, "LGPL-2.1-or-later", ["libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0"]],
    [libatomic, runtime, ["libatomic.so.1"]],
    [libgcc, runtime, ["libgcc_s.so.1"]],
    [libstdcxx, runtime, ["libstdc++.so.6"]],
  ];

/** The program that loads the agent and its libraries. Source: ld.so(8). */
const loaders = { x86_64: "ld-linux-x86-64.so.2", aarch64: "ld-linux-aarch64.so.1" } as const;

/** The loader and all libraries that the agent's program needs, for hosts with another C library. */
export function loaderLibraries(base: Base): readonly Library[] {
  return rows.flatMap(([from, licence, names]) => {
    const folder = fetchDebianPackage(from, base);
    const all = from === libc6 ? [loaders[base.machine], ...names] : names;
    return all.map((name) => {
      const bytes = readLibrary(folder, base, name);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const { name: packageName, source, version } = from;
      return { name, package: packageName, source, version, licence, sha256, bytes };
    });
  });
}

/** What a package has of the loader: its files, and the notice that their licences ask for. */
export function loaderEntries(base: Base): readonly Entry[] {
  const libraries = loaderLibraries(base);
  return [
    ...libraries.map(({ name, bytes }) => fileEntry(`${directory}/${name}`, bytes, 0o755)),
    fileEntry(`${licences}/NOTICE`, renderNotice(libraries, base)),
  ];
}

/**
 * Returns the agent's program with the private loader in place of the host's. What the environment
 * says of libraries comes after what stands in the program. It must be whole already: pkg cannot add
 * to a program of which the parts were moved.
 */
export function patchProgram(file: string, base: Base): Uint8Array {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-loader-"));
  try {
    const patched = join(work, "agent");
    copyFileSync(file, patched);
    const options = ["--set-interpreter", `${directory}/${loaders[base.machine]}`];
    execFileSync("patchelf", [...options, "--force-rpath", "--set-rpath", directory, patched]);
    return readFileSync(patched);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function readLibrary(folder: string, { triplet }: Base, name: string): Buffer {
  // libc6 has its files in /lib, the others some here and some there.
  const [top = "usr"] = ["usr", "."].filter((each) =>
    existsSync(join(folder, each, "lib", triplet, name)),
  );
  return readFileSync(join(folder, top, "lib", triplet, name));
}

/** Names each library with its origin and licence, and gives the texts. */
function renderNotice(libraries: readonly Library[], base: Base): string {
  const table = libraries.map(
    ({ name, package: from, source, version, licence }) =>
      `${directory}/${name}\n  Debian package ${from}, source package ${source} ${version}\n  ${licence}\n`,
  );
  const texts: readonly (readonly [DebianPackage, string])[] = [
    [libc6, "usr/share/doc/libc6/copyright"],
    [gccBase, "usr/share/doc/gcc-12-base/copyright"],
    [baseFiles, "usr/share/common-licenses/LGPL-2.1"],
    [baseFiles, "usr/share/common-licenses/GPL-3"],
  ];
  const bar = "=".repeat(80);
  return [
    `LinuxGuard brings the C library of Debian for its program, as Debian made it. No file was changed.
The sources of all versions are at https://snapshot.debian.org.
`,
    ...table,
    ...texts.map(([from, path]) => {
      const text = readFileSync(join(fetchDebianPackage(from, base), path), "utf8");
      return `${bar}\n/${path} of ${from.name} ${from.version}\n${bar}\n\n${text.trim()}\n`;
    }),
  ].join("\n");
}
