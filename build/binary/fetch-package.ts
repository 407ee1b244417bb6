import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Form, hasForm } from "#base/form.ts";

const cache = "node_modules/.cache";

/** What package-lock.json says of a package. */
export interface Locked {
  readonly version: string;
  /** As package.json names it: `MIT`. */
  readonly license: string;
  /** Subresource integrity: an algorithm, a hyphen and the digest in base64. */
  readonly integrity: string;
}

/**
 * Fetches a package that package-lock.json names and npm did not install, and returns its folder.
 * Nothing of it is unpacked before it has the integrity that the lock says; nothing of it is run.
 */
export function fetchPackage(name: string, lockFile = "package-lock.json"): string {
  const { version, integrity } = readLocked(name, lockFile);
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "fetch-"));
  try {
    const options = ["--ignore-scripts", "--silent", `--pack-destination=${work}`];
    execFileSync("npm", ["pack", ...options, `${name}@${version}`], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
    });
    const file = join(work, `${name}-${version}.tgz`);
    requireIntegrity(file, integrity);
    execFileSync("tar", ["--extract", `--file=${file}`, `--directory=${work}`]);
    renameSync(join(work, "package"), folder);
  } finally {
    rmSync(work, { recursive: true });
  }
  return folder;
}

/** Throws unless the file has the integrity. */
export function requireIntegrity(file: string, integrity: string): void {
  const [algorithm = ""] = integrity.split("-", 1);
  const actual = createHash(algorithm).update(readFileSync(file)).digest("base64");
  if (`${algorithm}-${actual}` === integrity) return;
  throw new Error(
    `Cannot trust ${file}: its integrity is ${algorithm}-${actual} and should be ${integrity}`,
  );
}

/** Reads what the lock says of a package: `axios`, or `winston/node_modules/async` where it is in another's folder. */
export function readLocked(name: string, lockFile = "package-lock.json"): Locked {
  const lock: unknown = JSON.parse(readFileSync(lockFile, "utf8"));
  const folder = `node_modules/${name}`;
  const form: Form = {
    packages: { [folder]: { version: "string", license: "string", integrity: "string" } },
  };
  if (!hasForm(lock, form)) throw new Error(`Cannot find ${name} in ${lockFile}`);
  const { packages } = lock as { readonly packages: Readonly<Record<string, Locked>> };
  const locked = packages[folder];
  if (locked === undefined) throw new Error(`Cannot find ${name} in ${lockFile}`);
  return locked;
}
