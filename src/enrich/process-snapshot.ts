import { restoreFragment } from "./fragment.ts";
import { ProcessEntry } from "./process-entry.ts";
import type { ProcessTable } from "./process-table.ts";

/** A table of processes to be kept over a restart, as plain data. */
export interface ProcessSnapshot {
  readonly version: 1;
  /** Pids mean something else after a boot. */
  readonly bootId: string;
  readonly takenMs: number;
  /** Each after its parent. */
  readonly entries: readonly SavedProcess[];
}

/** One entry; what is usual is left out. */
interface SavedProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly id: string;
  /** The fragment, a character for each byte, and where its arguments begin. */
  readonly text: string;
  readonly argumentsStart: number;
  readonly timeMs: number;
  readonly serial: number;
  readonly seenMs: number;
  readonly startTicks: number;
  /** Place of the parent in the list; -1 for none. */
  readonly parent: number;
  readonly isCurrent: boolean;
  readonly isExec: boolean;
  readonly isInit: boolean;
  readonly isContained: boolean;
  readonly containerId?: string;
  readonly unit?: string;
}

/** What a snapshot may hold, its descriptions in bytes. */
interface SnapshotLimits {
  readonly entries: number;
  readonly bytes: number;
}

const snapshotLimits: SnapshotLimits = { entries: 4_096, bytes: 1_048_576 };

/** Takes a snapshot of what was seen last, with its ancestors, as far as it may go. */
export function takeSnapshot(
  table: ProcessTable,
  bootId: string,
  takenMs: number,
  limits = snapshotLimits,
): ProcessSnapshot {
  const places = new Map<ProcessEntry, number>();
  const entries: SavedProcess[] = [];
  let sizeBytes = 0;
  for (const latest of [...table.entries()].sort((one, other) => other.seenMs - one.seenMs)) {
    const line = unsavedLine(latest, places);
    const lineBytes = line.reduce((sum, { description }) => sum + description.text.length, 0);
    if (entries.length + line.length > limits.entries || sizeBytes + lineBytes > limits.bytes)
      break;
    sizeBytes += lineBytes;
    for (const entry of line) {
      places.set(entry, entries.length);
      const { parent } = entry;
      entries.push(save(entry, parent === undefined ? -1 : (places.get(parent) ?? -1)));
    }
  }
  return { version: 1, bootId, takenMs, entries };
}

/**
 * Puts a snapshot back into a table. Returns false, and changes nothing, if it is of another boot,
 * older than `longestAgeMs` or no snapshot at all.
 */
export function restoreSnapshot(
  table: ProcessTable,
  snapshot: unknown,
  now: { readonly bootId: string; readonly timeMs: number },
  longestAgeMs = 60_000,
): boolean {
  if (!isSnapshot(snapshot) || snapshot.bootId !== now.bootId) return false;
  const ageMs = now.timeMs - snapshot.takenMs;
  if (ageMs < 0 || ageMs > longestAgeMs) return false;
  const restored: ProcessEntry[] = [];
  for (const saved of snapshot.entries) {
    const entry = restoreEntry(saved);
    if (entry === undefined || saved.parent >= restored.length) return false;
    restored.push(entry);
  }
  for (const [place, { parent, isCurrent }] of snapshot.entries.entries()) {
    const entry = restored[place];
    if (entry !== undefined) table.restore(entry, restored[parent], isCurrent);
  }
  return true;
}

/** An entry and those of its ancestors that are not saved yet, the oldest first. */
function unsavedLine(
  latest: ProcessEntry,
  places: ReadonlyMap<ProcessEntry, number>,
): ProcessEntry[] {
  const line: ProcessEntry[] = [];
  let entry: ProcessEntry | undefined = latest;
  while (entry !== undefined && !places.has(entry)) {
    line.push(entry);
    entry = entry.parent;
  }
  return line.reverse();
}

function save(entry: ProcessEntry, parent: number): SavedProcess {
  const { pid, ppid, entityId: id, description, containerId, unit } = entry;
  const { timeMs, serial, seenMs, startTicks, isCurrent, isExec, isInit, isContained } = entry;
  const { text, argumentsStart } = description;
  return {
    ...{ pid, ppid, id, text, argumentsStart, timeMs, serial, seenMs, startTicks, parent },
    ...{ isCurrent, isExec, isInit, isContained },
    ...(containerId === undefined ? {} : { containerId }),
    ...(unit === undefined ? {} : { unit }),
  };
}

function restoreEntry(saved: SavedProcess): ProcessEntry | undefined {
  const { pid, ppid, id, text, argumentsStart, timeMs, serial } = saved;
  const description = restoreFragment(pid, id, text, argumentsStart);
  if (description === undefined) return undefined;
  const entry = new ProcessEntry(pid, ppid, id, description, timeMs, serial);
  entry.seenMs = saved.seenMs;
  entry.startTicks = saved.startTicks;
  entry.isExec = saved.isExec;
  entry.isInit = saved.isInit;
  entry.isContained = saved.isContained;
  entry.containerId = saved.containerId;
  entry.unit = saved.unit;
  return entry;
}

function isSnapshot(value: unknown): value is ProcessSnapshot {
  return (
    isObject(value) &&
    value.version === 1 &&
    typeof value.bootId === "string" &&
    typeof value.takenMs === "number" &&
    Array.isArray(value.entries) &&
    value.entries.every(isSavedProcess)
  );
}

const numbers = "pid ppid argumentsStart timeMs serial seenMs startTicks parent".split(" ");
const booleans = "isCurrent isExec isInit isContained".split(" ");

function isSavedProcess(value: unknown): value is SavedProcess {
  return (
    isObject(value) &&
    numbers.every((name) => Number.isFinite(value[name])) &&
    booleans.every((name) => typeof value[name] === "boolean") &&
    isMembers(value.text) &&
    typeof value.id === "string" &&
    isOptionalText(value.containerId) &&
    isOptionalText(value.unit)
  );
}

/** Whether a text is JSON members, in characters that are bytes: it goes into documents as it is. */
function isMembers(text: unknown): boolean {
  if (typeof text !== "string" || /[^\0-\xff]/.test(text)) return false;
  try {
    JSON.parse(`{${Buffer.from(text, "latin1").toString("utf8")}}`);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
