import { globSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeAptRepo } from "./apt-repo.ts";
import { renderPage } from "./repo-page.ts";
import { SigningKey } from "./signing-key.ts";
import { renderSums, sumsName } from "./sums.ts";

/** What a repository is made of. */
export interface RepositoryOrder {
  /** A file with a secret key of OpenPGP, or what names one that GnuPG has. */
  readonly key: string;
  /** Where hosts will find the repository; ends with a slash. */
  readonly url: string;
  /** The folder that has the packages. */
  readonly packages: string;
  /** The folder that becomes the repository. */
  readonly folder: string;
}

/**
 * Makes the folder that any web server can serve: the signed repositories of all packages in a
 * folder, a page that tells how to add them, and signed checksums of every file. It is made beside
 * what was there, and then takes its place; where something fails, what was there stays.
 */
export function makeRepository({ key: named, url, packages, folder }: RepositoryOrder): void {
  const debs = globSync(join(packages, "*.deb")).toSorted();
  if (debs.length === 0) {
    throw new Error(`Cannot make a repository: no package is in ${packages}. Run make packages.`);
  }
  using key = SigningKey.open(named);
  const work = `${folder}.new`;
  rmSync(work, { recursive: true, force: true });
  try {
    mkdirSync(work, { recursive: true });
    writeAptRepo({ packages: debs, folder: join(work, "apt"), url: `${url}apt/`, key });
    const files = globSync("**/*.deb", { cwd: work });
    writeFileSync(join(work, "index.html"), renderPage({ url, key: key.fingerprint, files }));
    const sums = join(work, sumsName);
    writeFileSync(sums, renderSums(work));
    key.sign(sums, "detached", `${sums}.asc`);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw error;
  }
  replace(folder, work);
}

/** Puts a folder into another's place. */
function replace(folder: string, work: string): void {
  const old = `${folder}.old`;
  rmSync(old, { recursive: true, force: true });
  renameIfThere(folder, old);
  renameSync(work, folder);
  rmSync(old, { recursive: true, force: true });
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      key: { type: "string", default: "" },
      url: { type: "string", default: "https://packages.linuxguard.io/" },
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
