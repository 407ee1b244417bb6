import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LossEntry } from "#model/ledger.ts";
import {
  ifThere,
  isSystemError,
  makeDirectory,
  statDirectory,
  withFile,
  writeFileAtomically,
} from "./files.ts";
import type { Cursor, Losses } from "./place.ts";
import { refused } from "./refusal.ts";

const namePattern = /^[a-z][a-z0-9-]{0,31}$/;
const maxCursorBytes = 65_536;

/**
 * Reads how far a reader has come, or `undefined` if it never said or its cursor is damaged.
 * A reader without a cursor starts at the oldest batch: repeats are harmless, gaps are not.
 */
export function readCursor(directory: string, name: string): Cursor | undefined {
  const path = cursorPath(directory, name);
  try {
    return parseCursor(withFile(path, "read", (fd) => readFileSync(fd)));
  } catch (error) {
    if (isSystemError(error)) return;
    throw error;
  }
}

/**
 * Saves how far a reader has come: after a crash it is the old place or this one.
 * Throws `spool.unusable` if it cannot be written now.
 */
export function writeCursor(directory: string, name: string, cursor: Cursor): void {
  const path = cursorPath(directory, name);
  const folder = cursorsDirectory(directory);
  refused(`write cursor ${name}`, "writer", () => {
    if (statDirectory(folder) === undefined) makeDirectory(folder);
    writeFileAtomically(path, renderCursor(cursor));
  });
}

/** Reads the cursors of all readers, by their names. */
export function readCursors(directory: string): ReadonlyMap<string, Cursor> {
  const names = ifThere(() => readdirSync(cursorsDirectory(directory))) ?? [];
  const cursors = new Map<string, Cursor>();
  for (const name of names.filter((each) => namePattern.test(each))) {
    const cursor = readCursor(directory, name);
    if (cursor !== undefined) cursors.set(name, cursor);
  }
  return cursors;
}

/** Renders a cursor as a line of JSON and the hash of that line. */
function renderCursor({ sequence, hash, documents, losses }: Cursor): Buffer {
  const line = `${JSON.stringify({ sequence, hash, documents, losses })}\n`;
  return Buffer.from(`${line}${hashOf(line)}\n`);
}

function parseCursor(bytes: Buffer): Cursor | undefined {
  const lines = bytes.length > maxCursorBytes ? [] : bytes.toString("utf8").split("\n");
  const [line, hash] = lines;
  if (line === undefined || hashOf(`${line}\n`) !== hash) return;
  const value: unknown = JSON.parse(line);
  return isCursor(value) ? value : undefined;
}

function isCursor(value: unknown): value is Cursor {
  if (typeof value !== "object" || value === null) return false;
  const { sequence, hash, documents, losses } = value as Partial<Record<keyof Cursor, unknown>>;
  return (
    isCount(sequence) &&
    isCount(documents) &&
    typeof hash === "string" &&
    /^[0-9a-f]{64}$/.test(hash) &&
    isLosses(losses)
  );
}

function isLosses(value: unknown): value is Losses {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return false;
    const { count, events, bytes } = entry as Partial<Record<keyof LossEntry, unknown>>;
    return isCount(count) && isCount(events) && isCount(bytes);
  });
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function hashOf(line: string): string {
  return createHash("sha256").update(line).digest("hex");
}

function cursorPath(directory: string, name: string): string {
  if (!namePattern.test(name)) {
    throw new RangeError(`Cannot name a cursor: current value is "${name}"`);
  }
  return join(cursorsDirectory(directory), name);
}

function cursorsDirectory(directory: string): string {
  return join(directory, "cursors");
}
