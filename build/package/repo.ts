import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { bases } from "#build/binary/base.ts";
import { makeKeyringDeb } from "./keyring-deb.ts";
import { renderPage } from "./repo-page.ts";
import { SigningKey } from "./signing-key.ts";
import { component, keyringName, renderSources, suite } from "./sources.ts";

/** What a repository is made of. */
export interface RepositoryOrder {
  /** A file with a secret key, or what names one that GnuPG has. */
  readonly key: string;
  /** Where hosts will find the repository; ends with a slash. */
  readonly url: string;
  /** The folder that has the packages. */
  readonly packages: string;
  /** The folder that becomes the repository. */
  readonly folder: string;
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

/**
 * Makes the signed apt repository of all packages in a folder, and of the one that brings its key.
 * It is made beside what was there, and then takes its place.
 */
export function makeRepository({ key: named, url, packages, folder }: RepositoryOrder): void {
  const files = globSync(join(packages, "linuxguard{,-jitless}_*.deb")).toSorted();
  if (files.length === 0) {
    throw new Error(`Cannot make a repository: no package is in ${packages}. Run make packages.`);
  }
  using key = SigningKey.open(named);
  const architectures = architecturesOf(files);
  const work = `${folder}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, pool), { recursive: true });
  for (const file of files) copyFileSync(file, join(work, pool, basename(file)));
  const publicKey = key.publicKey();
  makeKeyringDeb(publicKey, join(work, pool));
  for (const architecture of architectures) writeIndex(work, architecture);
  writeRelease(work, architectures, key);
  writeFileSync(join(work, `${keyringName}.gpg`), publicKey);
  writeFileSync(join(work, "linuxguard.sources"), renderSources(url));
  const names = globSync(join(work, pool, "*.deb")).map((file) => nameOf(file).join(" "));
  const { fingerprint } = key;
  writeFileSync(
    join(work, "index.html"),
    renderPage({ url, fingerprint, packages: names.toSorted() }),
  );
  rmSync(folder, { recursive: true, force: true });
  renameSync(work, folder);
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

/** Writes Release with the checksums of the lists, by which they are also found, and signs it. */
function writeRelease(work: string, architectures: readonly string[], key: SigningKey): void {
  const fields = { ...release, Architectures: architectures.join(" "), "Acquire-By-Hash": "yes" };
  const options = Object.entries({ ...fields, DoByHash: "true" }).flatMap(([name, value]) => [
    "-o",
    `APT::FTPArchive::${name === "DoByHash" ? name : `Release::${name}`}=${value}`,
  ]);
  const folder = join(work, "dists", suite);
  const text = ftparchive(work, [...options, "release", join("dists", suite)]);
  writeFileSync(join(folder, "Release"), text);
  key.sign(join(folder, "Release"), "clear", join(folder, "InRelease"));
  key.sign(join(folder, "Release"), "detached", join(folder, "Release.gpg"));
}

function ftparchive(folder: string, options: readonly string[]): Buffer {
  return execFileSync("apt-ftparchive", ["--quiet", ...options], {
    cwd: folder,
    maxBuffer: 100_000_000,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function architecturesOf(files: readonly string[]): readonly string[] {
  const there = new Set(files.map((file) => nameOf(file)[2]));
  return bases.map(({ debianArch }) => debianArch).filter((each) => there.has(each));
}

/** `linuxguard_0.1.0_amd64.deb` → name, version, architecture. */
function nameOf(file: string): readonly string[] {
  return basename(file, ".deb").split("_");
}

function main(): void {
  const { values } = parseArgs({
    options: {
      key: { type: "string", default: "" },
      url: { type: "string", default: "https://packages.linuxguard.io/apt/" },
      packages: { type: "string", default: "dist/packages" },
      output: { type: "string", default: "dist/repo" },
    },
  });
  const url = values.url.endsWith("/") ? values.url : `${values.url}/`;
  if (values.key === "") {
    process.stderr.write(
      "Cannot sign the repository: no key is named. Run make repo KEY=… with a file that has a secret OpenPGP key, or the fingerprint of a key that gpg has.\n",
    );
    process.exitCode = 64;
    return;
  }
  makeRepository({ key: values.key, url, packages: values.packages, folder: values.output });
  process.stdout.write(`${values.output} (for ${url})\n`);
}

if (import.meta.main) main();
