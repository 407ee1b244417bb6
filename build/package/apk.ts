import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Base } from "#build/binary/base.ts";
import { footprint } from "#product/footprint.ts";
import { parseChangelog } from "./changelog.ts";
import { contentsOf } from "./contents.ts";
import { parseParagraphs } from "./control.ts";
import { copyright } from "./deb.ts";
import { type Entry, fileEntry } from "./entry.ts";
import { loaderEntries, patchProgram } from "./loader.ts";
import { licences, moveFromDebian } from "./other-places.ts";
import { renderApk } from "./write-apk.ts";

/** What package of apk is made. */
export interface ApkOrder {
  readonly base: Base;
  /** The agent's program, as the package for Debian has it, too. */
  readonly agentFile: string;
  /** Another version than that of debian/changelog. */
  readonly version?: string | undefined;
  readonly folder: string;
}

/** What goes into a package. */
export interface ApkParts extends Omit<ApkOrder, "agentFile"> {
  /** The agent's program, as it is to be on the host. */
  readonly agent: Uint8Array;
  /** The copyright file of what the program has in it. */
  readonly copyright: string;
  /** What the program needs and a host of musl lacks. */
  readonly loader: readonly Entry[];
}

const { setup } = footprint.files;

/** That of LinuxGuard and those of the loader's libraries, as SPDX writes them. */
const licence = "Apache-2.0 AND LGPL-2.1-or-later AND GPL-3.0-or-later WITH GCC-exception-3.1";

/** What only systemd and Debian read. */
const foreign =
  /^\/usr\/(?:lib\/(?:systemd|sysusers\.d|tmpfiles\.d)|share\/(?:lintian|linuxguard\/drop-ins))\//;
const scripts = [
  ...["pre-install", "post-install", "pre-upgrade", "post-upgrade"],
  ...["pre-deinstall", "trigger"],
];

/** Makes the package of LinuxGuard for apk, unsigned, and returns its file. */
export async function makeApk({ agentFile, ...order }: ApkOrder): Promise<string> {
  const { base } = order;
  return writeApk({
    ...order,
    agent: patchProgram(agentFile, base),
    copyright: await copyright(),
    loader: loaderEntries(base),
  });
}

/** Makes the package of its parts. */
export function writeApk({
  base,
  agent,
  copyright: text,
  loader,
  version,
  folder,
}: ApkParts): string {
  const changelog = readFileSync("debian/changelog", "utf8");
  const release = parseChangelog(changelog);
  const pkgver = `${version ?? release.version}-r0`;
  const parts = { base, agent, copyright: text, changelog, overrides: "" };
  const entries = [
    ...contentsOf(parts)
      .filter(({ path }) => !foreign.test(path) && path !== setup.path)
      .map(moveFromDebian),
    fileEntry(`${licences}/LICENSE`, readFileSync("LICENSE")),
    fileEntry(setup.path, readFileSync("apk/linuxguard-setup"), setup.mode),
    ...serviceEntries(),
    ...loader,
  ];
  const bytes = renderApk({
    info: infoOf(base, pkgver),
    scripts: new Map(scripts.map((name) => [name, readFileSync(`apk/${name}`, "utf8")])),
    entries: entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    time: release.time,
  });
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `linuxguard-${pkgver}.${base.machine}.apk`);
  writeFileSync(file, bytes);
  return file;
}

/** The service as OpenRC has it: the script, and the variables that an administrator may set. */
function serviceEntries(): readonly Entry[] {
  const places = { initd: ["/etc/init.d", 0o755], confd: ["/etc/conf.d", 0o644] } as const;
  return globSync("apk/linuxguard.{initd,confd}").map((file) => {
    const [directory, mode] = file.endsWith(".initd") ? places.initd : places.confd;
    return fileEntry(
      `${directory}/${basename(file).replace(/\.\w+$/, "")}`,
      readFileSync(file),
      mode,
    );
  });
}

/** The fields of .PKGINFO, of which debian/control has the words. Source: apk-package(5). */
function infoOf(base: Base, pkgver: string): readonly (readonly [string, string])[] {
  const [source, binary] = parseParagraphs(readFileSync("debian/control", "utf8"));
  return [
    ["pkgname", "linuxguard"],
    ["pkgver", pkgver],
    ["pkgdesc", binary?.get("Description")?.split("\n")[0] ?? ""],
    ["url", source?.get("Homepage") ?? ""],
    ["packager", source?.get("Maintainer") ?? ""],
    ["maintainer", source?.get("Maintainer") ?? ""],
    ["origin", "linuxguard"],
    ["arch", base.machine],
    ["license", licence],
    ["depend", "acl"],
    ["depend", "audit"],
    // That of util-linux: busybox's cannot change the account.
    ["depend", "setpriv"],
    ["triggers", "/etc/audit"],
  ];
}
