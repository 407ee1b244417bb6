import { join } from "node:path";
import type { LossEntry } from "#model/ledger.ts";
import { readCursors } from "./cursor.ts";
import { isSystemError, remove, withFile } from "./files.ts";
import { segmentHeaderLength } from "./frame.ts";
import {
  listQuarantine,
  listSegments,
  quarantineDirectory,
  type SegmentFile,
  sizeOf,
} from "./layout.ts";
import { addLoss, type Losses, origin, type Place } from "./place.ts";
import {
  cutSegment,
  type Damage,
  type QuarantineLimit,
  quarantine,
  removeTemporaries,
  surveyWreck,
  type Wreck,
} from "./quarantine.ts";
import { readFrame, readSegmentStart, readStart, type SealedBatch } from "./segment.ts";

/** A segment that the writer keeps account of. */
export interface KeptSegment {
  readonly path: string;
  readonly first: number;
  bytes: number;
  /** The place before its first batch; `undefined` if its header is damaged. */
  readonly before: Place | undefined;
}

/** What a spool's directory says about the spool; nothing else is needed to go on. */
export interface Recovered {
  readonly segments: KeptSegment[];
  /** The place after which the next batch goes. */
  readonly head: Place;
  /** Note of the newest batch. */
  readonly note: Uint8Array | undefined;
  /** The segment that takes the next batch, and where; `undefined` if it needs a new one. */
  readonly tail: { readonly path: string; readonly end: number } | undefined;
  /** Bytes of appends that never ended, now cut off. */
  readonly cutBytes: number;
  readonly losses: Losses;
}

interface Scan {
  /** The place before the segment's first batch. */
  readonly start: Place | undefined;
  readonly newest: SealedBatch | undefined;
  readonly end: number;
}

/**
 * Reads a spool's state off its directory. Only the newest segment is proven, the older ones when they are read.
 * Never fails because of what the files hold, except by a newer format version.
 */
export function recover(directory: string, limit: QuarantineLimit): Recovered {
  removeTemporaries(quarantineDirectory(directory));
  removeTemporaries(join(directory, "cursors"));
  const state = { cutBytes: 0, losses: {} as Losses, head: newestKnown(directory) };
  let newest: SealedBatch | undefined;
  let tail: Recovered["tail"];
  for (const { path, first } of listSegments(directory).toReversed()) {
    const scan = scanSegment({ path, first });
    const before = scan.newest?.after ?? scan.start ?? { ...origin, sequence: first - 1 };
    const isWhole = sizeOf(path) === scan.end && scan.newest !== undefined;
    if (!isWhole) clear({ path, offset: scan.end, before }, state, limit);
    state.head = later(state.head, before);
    newest = scan.newest;
    if (newest === undefined) continue;
    const takesMore = state.head.sequence === newest.sequence && sizeOf(path) === scan.end;
    tail = takesMore ? { path, end: scan.end } : undefined;
    break;
  }
  return {
    segments: listSegments(directory).map((segment) => ({
      ...segment,
      bytes: sizeOf(segment.path),
      before: readSegmentStart(segment),
    })),
    head: state.head,
    note: newest?.note(),
    tail,
    cutBytes: state.cutBytes,
    losses: state.losses,
  };
}

/** Tells what a wreck cost, as a loss. */
export function wreckLoss(before: Place, { last, events, bytes }: Wreck): LossEntry {
  const { sequence } = before;
  return {
    count: last - sequence,
    events,
    bytes,
    first: String(sequence + 1),
    last: String(last),
  };
}

/** Cuts off an append that never ended; sets aside and counts what was more than that. */
function clear(
  damage: Damage,
  state: { cutBytes: number; losses: Losses; head: Place },
  limit: QuarantineLimit,
): void {
  const wreck = surveyWreck(damage);
  const isLoss = wreck.last > damage.before.sequence;
  if (isLoss) {
    state.losses = addLoss(state.losses, "corrupt_segment", wreckLoss(damage.before, wreck));
    const { last, documents } = wreck;
    state.head = later(state.head, { sequence: last, documents, hash: damage.before.hash });
  } else {
    state.cutBytes += wreck.bytes;
  }
  try {
    if (isLoss) quarantine(damage, { first: damage.before.sequence + 1, ...wreck }, limit);
    else if (damage.offset <= segmentHeaderLength) remove(damage.path);
    else cutSegment(damage.path, damage.offset);
  } catch (error) {
    // It stays where it is: readers pass over it, and the next batch opens a segment of its own.
    if (!isSystemError(error)) throw error;
  }
}

function scanSegment({ path, first }: SegmentFile): Scan {
  try {
    return withFile(path, "read", (fd) => scanFrames(fd, first));
  } catch (error) {
    if (isSystemError(error)) return { start: undefined, newest: undefined, end: 0 };
    throw error;
  }
}

function scanFrames(fd: number, first: number): Scan {
  const start = readStart(fd, first);
  if (start === undefined) return { start, newest: undefined, end: 0 };
  let newest: SealedBatch | undefined;
  let end = segmentHeaderLength;
  for (;;) {
    const read = readFrame(fd, end, newest?.after ?? start);
    if (read.kind !== "batch") return { start, newest, end };
    newest = read.batch;
    end = read.end;
  }
}

/** The newest place that cursors and quarantine tell of: its numbers are taken, whatever the segments say. */
function newestKnown(directory: string): Place {
  const places: Place[] = [
    ...[...readCursors(directory).values()].map(({ sequence, hash, documents }) => ({
      sequence,
      hash,
      documents,
    })),
    ...listQuarantine(directory).map(({ last, documents }) => ({
      sequence: last,
      documents,
      hash: origin.hash,
    })),
  ];
  return places.reduce(later, origin);
}

/** Joins two places: the newer numbers of both, with the hash that is known for them. */
function later(a: Place, b: Place): Place {
  const [older, newer] = a.sequence > b.sequence ? [b, a] : [a, b];
  const documents = Math.max(older.documents, newer.documents);
  const hash = newer.hash === origin.hash ? older.hash : newer.hash;
  return { sequence: newer.sequence, documents, hash };
}
