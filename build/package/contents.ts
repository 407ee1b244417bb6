import { globSync, readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { gzipSync } from "node:zlib";
import type { Base } from "#build/binary/base.ts";
import { footprint, type InstalledFile } from "#product/footprint.ts";
import { type Entry, fileEntry } from "./entry.ts";

const documents = "/usr/share/doc/linuxguard";

/** What differs from one package of LinuxGuard to another. */
export interface Parts {
  readonly base: Base;
  readonly agent: Uint8Array;
  readonly copyright: string;
  readonly changelog: string;
  readonly overrides: string;
}

/**
 * All that the package puts on a host, sorted by path. Nothing of it is the agent's or lies in a
 * directory of the agent's: what the agent may change, the package manager must not touch.
 */
export function contentsOf({
  base,
  agent,
  copyright,
  changelog,
  overrides,
}: Parts): readonly Entry[] {
  const { files } = footprint;
  const entries: readonly Entry[] = [
    fileEntry(files.agent.path, agent, files.agent.mode),
    { kind: "link", path: files.cli.path, target: basename(files.agent.path) },
    copy("etc/linuxguard-setup", files.setup),
    copy(`etc/systemd/${basename(files.unit.path)}`, files.unit),
    copy("etc/sysusers.d/linuxguard.conf", files.sysusers),
    copy("etc/tmpfiles.d/linuxguard.conf", files.tmpfiles),
    copy("etc/privileges.json", files.privileges),
    copy("etc/linuxguard/linuxguard.conf", files.sample),
    ...copies("etc/systemd/**/*.conf", footprint.dropInDirectory),
    ...copies(`rules.d/${base.machine}/*.rules`, footprint.rulesDirectory),
    ...manualPages(),
    ...copies("completions/bash/*", "/usr/share/bash-completion/completions"),
    ...copies("completions/zsh/*", "/usr/share/zsh/vendor-completions"),
    ...copies("completions/fish/*", "/usr/share/fish/vendor_completions.d"),
    fileEntry(`${documents}/copyright`, copyright),
    fileEntry(`${documents}/changelog.gz`, compress(changelog)),
    fileEntry("/usr/share/lintian/overrides/linuxguard", overrides),
  ];
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A file of the repository at its place in the footprint. */
function copy(from: string, { path, mode }: InstalledFile): Entry {
  return fileEntry(path, readFileSync(from), mode);
}

function copies(pattern: string, directory: string): readonly Entry[] {
  const found = globSync(pattern).toSorted();
  return found.map((file) => fileEntry(`${directory}/${basename(file)}`, readFileSync(file)));
}

/** Policy 12.1 and 12.3: manual pages and changelogs are compressed as far as gzip can, without a name and a time. */
function manualPages(): readonly Entry[] {
  return globSync("man/*.[1-9]").map((file) => {
    const directory = `/usr/share/man/man${extname(file).slice(1)}`;
    return fileEntry(`${directory}/${basename(file)}.gz`, compress(readFileSync(file)));
  });
}

/** Compresses as far as gzip can, without a name and a time. */
export function compress(content: Uint8Array | string): Uint8Array {
  return gzipSync(content, { level: 9 });
}
