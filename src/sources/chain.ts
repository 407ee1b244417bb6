import { lstatSync, readdirSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { codeOf, systemError } from "./system-error.ts";

/**
 * Whether times of birth are what they say. Without statx(2), where a sandbox forbids it, Node gives the
 * time of the last change instead, and then also for what has no birth, as `/proc`.
 */
const tellsBirth = lstatSync("/proc", { throwIfNoEntry: false })?.birthtimeMs === 0;

/** What tells a file from others, also after it was renamed. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
  /** When it was made, in milliseconds since 1970; 0 if that is unknown. */
  readonly bornMs: number;
}

/** One file of a rotated log by name. */
export interface ChainLink extends FileIdentity {
  readonly path: string;
  readonly sizeBytes: number;
  /** The code of the error that opening it would be, as it is no regular file. */
  readonly refusal: string | undefined;
}

/**
 * Lists the files of a log, oldest first: `audit.log.4` … `audit.log.1`, `audit.log`. Throws the
 * system's error if it cannot; ENOENT says that they are being renamed now.
 *
 * Source: auditd's rotate_logs: each is renamed to the next higher number, then a new one is made.
 */
export function listChain(path: string): readonly ChainLink[] {
  let before = listOnce(path);
  for (let tries = 0; tries < 5; tries++) {
    const after = listOnce(path);
    // Two equal looks had no renaming between them, so they saw what was there at one moment.
    if (isSameChain(before, after)) return after;
    before = after;
  }
  throw systemError("ENOENT", `Files are being renamed: ${path}`);
}

/** Looks at one file of a log; `undefined` if there is none. */
export function lookAt(path: string): ChainLink | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return { path, ...identify(stats), sizeBytes: stats.size, refusal: refusalOf(stats) };
}

/** What tells this file from others. */
export function identify({ dev, ino, birthtimeMs }: Stats): FileIdentity {
  return { device: dev, inode: ino, bornMs: tellsBirth ? birthtimeMs : 0 };
}

/** Whether two looks were at one file. Where the time of birth is unknown, the inode has to do. */
export function isSameFile(one: FileIdentity, other: FileIdentity): boolean {
  if (one.device !== other.device || one.inode !== other.inode) return false;
  return one.bornMs === other.bornMs || one.bornMs === 0 || other.bornMs === 0;
}

function listOnce(path: string): readonly ChainLink[] {
  const directory = dirname(path);
  const name = basename(path);
  const rotated = namesIn(directory)
    .filter((each) => each.startsWith(`${name}.`))
    .map((each) => each.slice(name.length + 1))
    .filter((suffix) => /^[1-9]\d{0,5}$/.test(suffix))
    .map(Number)
    .toSorted((a, b) => a - b)
    .map((number) => lookAt(join(directory, `${name}.${number}`)))
    .filter((link) => link !== undefined && link.refusal === undefined);
  const current = lookAt(path);
  return [...rotated.toReversed(), current].filter((link) => link !== undefined);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function isSameChain(one: readonly ChainLink[], other: readonly ChainLink[]): boolean {
  return (
    one.length === other.length &&
    one.every((link, index) => {
      const twin = other[index];
      return twin !== undefined && link.path === twin.path && isSameFile(link, twin);
    })
  );
}

function refusalOf(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isSymbolicLink()) return "ELOOP";
  return stats.isDirectory() ? "EISDIR" : "EINVAL";
}
