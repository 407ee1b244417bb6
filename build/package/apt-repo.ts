import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { bases } from "#build/binary/base.ts";
import { makeKeyringDeb } from "./keyring-deb.ts";
import type { SigningKey } from "./signing-key.ts";
import { component, keyringName, renderSources, suite } from "./sources.ts";

/** What a repository of apt is made of. */
export interface AptRepo {
  /** The files of the packages. */
  readonly packages: readonly string[];
  readonly folder: string;
  /** Where hosts will find the folder; ends with a slash. */
  readonly url: string;
  readonly key: SigningKey;
  /** The time of the release, in seconds of the epoch. */
  readonly time: number;
}

const pool = "pool/main/l/linuxguard";
const release = {
  Origin: "LinuxGuard",
  Label: "LinuxGuard",
  Suite: suite,
  Codename: suite,
  Components: component,
  Description: "Packages of LinuxGuard",
};

/** Makes the signed repository of packages and of the one that brings its key, in a folder that is not there. */
export function writeAptRepo({ packages, folder, url, key, time }: AptRepo): void {
  mkdirSync(join(folder, pool), { recursive: true });
  for (const file of packages) copyFileSync(file, join(folder, pool, basename(file)));
  const publicKey = key.publicKey();
  makeKeyringDeb(publicKey, join(folder, pool));
  const architectures = architecturesOf(packages);
  for (const architecture of architectures) writeIndex(folder, architecture);
  writeRelease(folder, architectures, time);
  signRelease(folder, key);
  writeFileSync(join(folder, `${keyringName}.gpg`), publicKey);
  writeFileSync(join(folder, "linuxguard.sources"), renderSources(url));
}

/** Writes the list of an architecture's packages, plain and compressed. */
function writeIndex(work: string, architecture: string): void {
  const folder = join(work, "dists", suite, component, `binary-${architecture}`);
  mkdirSync(folder, { recursive: true });
  const list = ftparchive(work, ["--arch", architecture, "packages", "pool"]);
  const file = join(folder, "Packages");
  writeFileSync(file, list);
  writeFileSync(`${file}.gz`, gzipSync(list, { level: 9 }));
  execFileSync("xz", ["--keep", "-9", file]);
}

/** Writes Release with the checksums of the lists, by which they are also found. */
function writeRelease(work: string, architectures: readonly string[], time: number): void {
  const fields = { ...release, Architectures: architectures.join(" "), "Acquire-By-Hash": "yes" };
  const options = Object.entries({ ...fields, DoByHash: "true" }).flatMap(([name, value]) => [
    "-o",
    `APT::FTPArchive::${name === "DoByHash" ? name : `Release::${name}`}=${value}`,
  ]);
  const text = ftparchive(work, [...options, "release", join("dists", suite)]).toString();
  // The time of the release and not of this run, so that the same packages give the same list.
  const date = new Date(time * 1_000).toUTCString().replace("GMT", "+0000");
  writeFileSync(
    join(work, "dists", suite, "Release"),
    text.replace(/^Date: .*$/m, `Date: ${date}`),
  );
}

function signRelease(work: string, key: SigningKey): void {
  const file = join(work, "dists", suite, "Release");
  key.sign(file, "clear", join(file, "../InRelease"));
  key.sign(file, "detached", `${file}.gpg`);
}

function ftparchive(folder: string, options: readonly string[]): Buffer {
  // apt computes every checksum that it is told, of the whole package.
  const checksums = ["--no-md5", "--no-sha1", "--no-sha512"];
  return execFileSync("apt-ftparchive", ["--quiet", ...checksums, ...options], {
    cwd: folder,
    maxBuffer: 100_000_000,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** `linuxguard_0.1.0_amd64.deb` → amd64, in the order that the bases have. */
function architecturesOf(files: readonly string[]): readonly string[] {
  const there = new Set(files.map((file) => basename(file, ".deb").split("_")[2]));
  return bases.map(({ debianArch }) => debianArch).filter((each) => there.has(each));
}
