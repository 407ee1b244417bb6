import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { type CommandResult, runCommand } from "#base/run-command.ts";
import { all, attempt, attemptIfThere, type Fact, map } from "./fact.ts";
import type { Entry } from "./facts.ts";

/** Far more than any file takes that is read here. */
const longestFile = 1_048_576;

/** The host as it is looked at: its files below a root, and its programs. */
export interface Host {
  /** `/`, or where the tree of another host lies. */
  readonly root: string;
  /** Who looks. */
  readonly uid: number;
  readonly run: (
    program: string,
    args: readonly string[],
    timeoutMs?: number,
  ) => Promise<Fact<CommandResult>>;
}

/** The host that this process is on. */
export function createHost(): Host {
  return { root: "/", uid: process.geteuid?.() ?? -1, run: runOnHost };
}

async function runOnHost(
  program: string,
  args: readonly string[],
  timeoutMs = 10_000,
): Promise<Fact<CommandResult>> {
  const result = await runCommand(program, args, { timeoutMs, maxBytes: longestFile });
  return result === undefined ? { why: `${program} is not installed` } : { value: result };
}

/** Tells of a path, without following a link in its last part. */
export function look({ root }: Host, path: string): Fact<Entry | undefined> {
  return attemptIfThere(path, () => lookAt(root, path));
}

/** Throws the system's error. */
function lookAt(root: string, path: string): Entry {
  const stats = lstatSync(join(root, path));
  const isPlain = stats.isFile() ? "file" : "other";
  const isFolder = stats.isDirectory() ? "directory" : isPlain;
  const kind = stats.isSymbolicLink() ? "link" : isFolder;
  return { path, kind, uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o7777 };
}

/** The text of a regular file, or `undefined` if there is none. It is for files that root wrote. */
export function readText({ root }: Host, path: string): Fact<string | undefined> {
  return attemptIfThere(path, () => {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const file = openSync(join(root, path), flags);
    try {
      const stats = fstatSync(file);
      return stats.isFile() && stats.size <= longestFile ? readFileSync(file, "utf8") : undefined;
    } finally {
      closeSync(file);
    }
  });
}

/** Names in a directory; none if it is not there. */
export function listNames({ root }: Host, path: string): Fact<readonly string[]> {
  const names = attemptIfThere(path, () => readdirSync(join(root, path)).toSorted());
  return "why" in names ? names : { value: names.value ?? [] };
}

/** Whether two paths lead to one folder; false if that cannot be seen. */
export function isSameFolder({ root }: Host, first: string, second: string): boolean {
  const ids = [first, second].map((path) =>
    attempt(path, () => {
      const { dev, ino } = statSync(join(root, path));
      return `${dev}:${ino}`;
    }),
  );
  const [one, other] = ids;
  if (one === undefined || other === undefined || "why" in one || "why" in other) return false;
  return one.value === other.value;
}

/** Those of the paths that there are. */
export function listThere(host: Host, paths: readonly string[]): Fact<readonly string[]> {
  return map(lookAtAll(host, { value: paths }), ({ entries }) => entries.map(({ path }) => path));
}

/** What is at the paths, and at which there is nothing. */
export function lookAtAll(
  host: Host,
  paths: Fact<readonly string[]>,
): Fact<{ readonly entries: readonly Entry[]; readonly missing: readonly string[] }> {
  if ("why" in paths) return paths;
  const seen = paths.value.map((path) => map(look(host, path), (entry) => ({ path, entry })));
  return map(all(seen), (found) => ({
    entries: found.flatMap(({ entry }) => (entry === undefined ? [] : [entry])),
    missing: found.flatMap(({ path, entry }) => (entry === undefined ? [path] : [])),
  }));
}

/** Lines that are not empty. */
export function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}
