import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseChangelog } from "./changelog.ts";
import { fileEntry } from "./entry.ts";
import type { SigningKey } from "./signing-key.ts";
import { writeRpm } from "./write-rpm.ts";

/** What a repository of rpm is made of. */
export interface RpmRepo {
  /** The files of the packages, unsigned. */
  readonly packages: readonly string[];
  readonly folder: string;
  /** Where hosts will find the folder; ends with a slash. */
  readonly url: string;
  readonly key: SigningKey;
  /** The time that stands in signatures and lists, in seconds of the epoch. */
  readonly time: number;
}

const keyName = "RPM-GPG-KEY-linuxguard";
const keyPath = `/etc/pki/rpm-gpg/${keyName}`;
const settingsName = "linuxguard.repo";

/**
 * Makes a repository: for each architecture a folder of signed copies with their signed list, the
 * key, and what tells dnf of them, which a package keeps current on a host.
 */
export function writeRpmRepo({ packages, folder, url, key, time }: RpmRepo): void {
  const release = makeReleaseRpm({ folder, url, key });
  const signed = packages.toSorted().map((file) => copyTo(join(folder, archOf(file)), file));
  key.signRpms([...signed, release], time);
  for (const arch of new Set(packages.map(archOf))) {
    const place = join(folder, arch);
    const files = [...signed.filter((file) => archOf(file) === arch), copyTo(place, release)];
    for (const file of files) utimesSync(file, time, time);
    writeIndex(place, time);
    const list = join(place, "repodata/repomd.xml");
    key.sign(list, "detached", `${list}.asc`);
  }
}

/** Makes the package of key and settings, and puts both beside it for hosts that begin without it. */
function makeReleaseRpm({ folder, url, key }: Pick<RpmRepo, "folder" | "url" | "key">): string {
  const { version, time } = parseChangelog(readFileSync("debian/changelog", "utf8"));
  const publicKey = key.publicKey("armored");
  const settings = renderSettings(url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, keyName), publicKey);
  writeFileSync(join(folder, settingsName), settings);
  return writeRpm({
    spec: "rpm/linuxguard-release.spec",
    version,
    arch: "noarch",
    entries: [
      fileEntry(keyPath, publicKey),
      fileEntry(`/etc/yum.repos.d/${settingsName}`, settings),
    ],
    directories: [],
    time,
    folder,
  });
}

/** Lists and packages both are proved, by this one key. Source: dnf.conf(5). */
function renderSettings(url: string): string {
  return `[linuxguard]
name=LinuxGuard
baseurl=${url}$basearch/
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey=file://${keyPath}
`;
}

/** Writes the lists of a folder's packages, without databases, which differ from run to run. */
function writeIndex(folder: string, time: number): void {
  const times = ["--revision", String(time), "--set-timestamp-to-revision"];
  const options = ["--quiet", "--checksum", "sha256", "--no-database", ...times];
  execFileSync("createrepo_c", [...options, folder], { stdio: ["ignore", "ignore", "inherit"] });
}

function copyTo(folder: string, file: string): string {
  mkdirSync(folder, { recursive: true });
  const copy = join(folder, basename(file));
  copyFileSync(file, copy);
  return copy;
}

/** `linuxguard-0.1.0-1.x86_64.rpm` → x86_64. */
function archOf(file: string): string {
  return basename(file, ".rpm").split(".").at(-1) ?? "";
}
