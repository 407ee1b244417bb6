import { readFileSync } from "node:fs";
import type { Base } from "#build/binary/base.ts";
import { footprint } from "#product/footprint.ts";
import { parseChangelog } from "./changelog.ts";
import { contentsOf } from "./contents.ts";
import { copyright } from "./deb.ts";
import { directoriesOf, type Entry, fileEntry } from "./entry.ts";
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
const licences = "/usr/share/licenses/linuxguard";
const presets = "/usr/lib/systemd/system-preset";
/** What lies elsewhere on a host of rpm. */
const moves = [
  ["/usr/share/doc/linuxguard/copyright", `${licences}/copyright`],
  ["/usr/share/zsh/vendor-completions/", "/usr/share/zsh/site-functions/"],
] as const;
/** What only Debian reads or has a program for; the changelog is in the header. */
const foreign =
  /^\/usr\/share\/(?:lintian\/|doc\/linuxguard\/changelog|linuxguard\/drop-ins\/50-no-new-code)/;
const own = /^\/usr\/share\/(?:linuxguard|licenses\/linuxguard)(?:\/|$)/;

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
    ...contents.filter(({ path }) => !foreign.test(path)).map(move),
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

function move(entry: Entry): Entry {
  const [from = "", to = ""] = moves.find(([begin]) => entry.path.startsWith(begin)) ?? [];
  return { ...entry, path: entry.path.replace(from, to) };
}
