import { lstatSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** One file of a rotated log by name. */
export interface ChainLink {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

/**
 * Lists the files of a log, oldest first: `audit.log.4` … `audit.log.1`, `audit.log`.
 *
 * Source: auditd's rotate_logs: each is renamed to the next higher number, then a new one is made.
 */
export function listChain(path: string): readonly ChainLink[] {
  const directory = dirname(path);
  const name = basename(path);
  const numbers = readdirSync(directory)
    .filter((each) => each.startsWith(`${name}.`))
    .map((each) => each.slice(name.length + 1))
    .filter((suffix) => /^[1-9]\d{0,5}$/.test(suffix))
    .map(Number)
    .toSorted((a, b) => b - a);
  const paths = [...numbers.map((number) => join(directory, `${name}.${number}`)), path];
  return paths.flatMap((each) => {
    const stats = lstatSync(each, { throwIfNoEntry: false });
    return stats?.isFile() ? [{ path: each, device: stats.dev, inode: stats.ino }] : [];
  });
}
