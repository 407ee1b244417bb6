import { readFileSync } from "node:fs";
import type { Base } from "#build/binary/base.ts";
import { footprint } from "#product/footprint.ts";
import { parseChangelog } from "./changelog.ts";
import { contentsOf } from "./contents.ts";
import { copyright } from "./deb.ts";
import { directoriesOf, fileEntry } from "./entry.ts";
import { licences, moveFromDebian } from "./other-places.ts";
import { writeRpm } from "./write-rpm.ts";

/** What package of rpm is made. */
export interface RpmOrder {
  readonly base: Base;
  /** The agent's program. */
  readonly agentFile: string;
  /** Another version than that of debian/changelog. */
  readonly version?: string | undefined;
  readonly folder: string;
}

const { service } = footprint;
const presets = "/usr/lib/systemd/system-preset";
/** What only Debian reads or has a program for; the changelog is in the header. */
const foreign =
  /^\/usr\/share\/(?:lintian\/|doc\/linuxguard\/changelog|linuxguard\/drop-ins\/50-no-new-code)/;
/** Directories that the package owns, those of shells together with the shells, which need not be there. */
const own = /^\/usr\/share\/(?:linuxguard|licenses\/linuxguard|bash-completion|fish|zsh)(?:\/|$)/;

/** Makes the package of LinuxGuard for rpm, unsigned, and returns its file. */
export async function makeRpm(order: RpmOrder): Promise<string> {
  const changelog = readFileSync("debian/changelog", "utf8");
  const release = parseChangelog(changelog);
  const preset = `80-${service}.preset`;
  const contents = contentsOf({
    base: order.base,
    agent: readFileSync(order.agentFile),
    copyright: await copyright(),
    changelog,
    overrides: "",
  });
  const entries = [
    ...contents.filter(({ path }) => !foreign.test(path)).map(moveFromDebian),
    fileEntry(`${licences}/LICENSE`, readFileSync("LICENSE")),
    fileEntry(`${presets}/${preset}`, readFileSync(`rpm/${preset}`)),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return writeRpm({
    spec: "rpm/linuxguard.spec",
    version: order.version ?? release.version,
    arch: order.base.machine,
    entries,
    directories: directoriesOf(entries).filter((path) => own.test(path)),
    time: release.time,
    folder: order.folder,
  });
}
