import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { bases } from "#build/binary/base.ts";
import { type OpenApkKey, openApkKey } from "./apk-key.ts";
import { writeApkRepo } from "./apk-repo.ts";
import { writeAptRepo } from "./apt-repo.ts";
import { parseChangelog } from "./changelog.ts";
import { type RepositoryFacts, renderPage } from "./repo-page.ts";
import { writeRpmRepo } from "./rpm-repo.ts";
import { SigningKey } from "./signing-key.ts";
import { renderSums, sumsName } from "./sums.ts";

/** What a repository is made of. */
export interface RepositoryOrder {
  /** A file with a secret key of OpenPGP, or what names one that GnuPG has. */
  readonly key: string;
  /** A file with a secret key of RSA as PEM, for apk. */
  readonly apkKey: string;
  /** Where hosts will find the repository; ends with a slash. */
  readonly url: string;
  /** The folder that has the packages. */
  readonly packages: string;
  /** The folder that becomes the repository. */
  readonly folder: string;
}

/** What is published of each format and for each architecture: how the names of its files end. */
const formats = {
  deb: bases.map(({ debianArch }) => `_${debianArch}.deb`),
  rpm: bases.map(({ machine }) => `.${machine}.rpm`),
  apk: bases.map(({ machine }) => `.${machine}.apk`),
  sbom: bases.map(({ debianArch }) => `_${debianArch}.cdx.json`),
} as const;

/**
 * Makes the folder that any web server can serve: the signed repositories of all packages in a
 * folder, the lists of their parts, a page that tells how to add them, and signed checksums of every
 * file. It is made beside what was there, and then takes its place; where something fails, what was
 * there stays.
 */
export function makeRepository({ url, packages, folder, ...keys }: RepositoryOrder): void {
  const debs = filesOf(packages, "deb");
  const rpms = filesOf(packages, "rpm");
  const apks = filesOf(packages, "apk");
  const sboms = filesOf(packages, "sbom");
  const apk = openApkKey(keys.apkKey);
  using key = SigningKey.open(keys.key);
  if (!key.isRsa) {
    throw new Error(`Cannot sign with ${keys.key}: RHEL 8 reads no signature but of an RSA key`);
  }
  const { time } = parseChangelog(readFileSync("debian/changelog", "utf8"));
  const work = `${folder}.new`;
  rmSync(work, { recursive: true, force: true });
  try {
    writeAptRepo({ packages: debs, folder: join(work, "apt"), url: `${url}apt/`, key, time });
    writeRpmRepo({ packages: rpms, folder: join(work, "rpm"), url: `${url}rpm/`, key, time });
    writeApkRepo({ packages: apks, folder: join(work, "apk"), ...apk, time });
    copyTo(join(work, "sbom"), sboms);
    const files = globSync("**/*.{deb,rpm,apk,cdx.json}", { cwd: work });
    const page = renderPage({ url, key: key.fingerprint, apkKey: apkKeyOf(apk), files });
    writeFileSync(join(work, "index.html"), page);
    const sums = join(work, sumsName);
    writeFileSync(sums, renderSums(work));
    key.sign(sums, "detached", `${sums}.asc`);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw error;
  }
  replace(folder, work);
}

/** The public key as a host has it: its name, and the checksum by which it is told from another. */
function apkKeyOf({ key, publicKey }: OpenApkKey): RepositoryFacts["apkKey"] {
  return { name: key.name, sha256: createHash("sha256").update(publicKey).digest("hex") };
}

/** Finds the files of a format; there must be one for each architecture. */
function filesOf(folder: string, format: keyof typeof formats): readonly string[] {
  return formats[format].flatMap((end) => {
    const files = globSync(join(folder, `*${end}`)).toSorted();
    if (files.length > 0) return files;
    throw new Error(`Cannot make a repository: ${folder} has no file *${end}. Run make packages.`);
  });
}

function copyTo(folder: string, files: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(file, join(folder, basename(file)));
}

/** Puts a folder into another's place. */
function replace(folder: string, work: string): void {
  const old = `${folder}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(work, folder);
  rmSync(old, { recursive: true, force: true });
}

function main(): void {
  const { values } = parseArgs({
    options: {
      key: { type: "string", default: "" },
      "apk-key": { type: "string", default: "" },
      url: { type: "string", default: "https://packages.linuxguard.io/" },
      packages: { type: "string", default: "dist/packages" },
      output: { type: "string", default: "dist/repo" },
    },
  });
  const { key, "apk-key": apkKey, packages, output: folder } = values;
  if (key === "" || apkKey === "") {
    process.stderr.write(unnamed);
    process.exitCode = 64;
    return;
  }
  const url = values.url.endsWith("/") ? values.url : `${values.url}/`;
  try {
    makeRepository({ key, apkKey, url, packages, folder });
    process.stdout.write(`${folder} (for ${url})\n`);
  } catch (error) {
    if (!isOperators(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** Whether an error is one that the operator can put right, who needs no trace of it. */
function isOperators(error: unknown): error is Error {
  return error instanceof Error && error.name === "Error" && error.message.startsWith("Cannot ");
}

const unnamed = `Cannot sign the repository: a key is not named. Run make repo KEY=… APK_KEY=… with
KEY      a file that has a secret OpenPGP key, or the fingerprint of a key that gpg has
APK_KEY  a file that has a secret RSA key as PEM: openssl genrsa -out FILE 4096
`;

if (import.meta.main) main();
