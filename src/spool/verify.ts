import { fstatSync } from "node:fs";
import { readCursors } from "./cursor.ts";
import { withFile } from "./files.ts";
import { segmentHeaderLength } from "./frame.ts";
import { listSegments, type SegmentFile } from "./layout.ts";
import type { Place } from "./place.ts";
import { refused } from "./refusal.ts";
import { type FrameRead, readFrame, readFrameHeader, readStart } from "./segment.ts";

/** The first place where the chain does not hold. */
interface Break {
  /**
   * `edited`: bytes changed. `cut`: a segment or the spool ends too early. `reordered`: a batch or a segment is not
   * where it belongs. `missing`: batches between two segments are gone, and the writer did not know of it.
   */
  readonly kind: "edited" | "cut" | "reordered" | "missing";
  readonly path: string;
  readonly offset: number;
  /** Sequence of the batch that was expected there. */
  readonly sequence: number;
}

/** What a walk along the whole chain found. */
export interface SpoolVerification {
  readonly batches: number;
  readonly documents: number;
  /** The places before the oldest batch and after the newest one that hold; `undefined` for an empty spool. */
  readonly from: Place | undefined;
  readonly to: Place | undefined;
  /** Batches that are gone, as the writer itself put on record. */
  readonly missingBatches: number;
  /** Bytes of an append that is under way or never ended. */
  readonly tornBytes: number;
  readonly broken: Break | undefined;
}

/** What is known while the walk goes on. */
interface Tally {
  batches: number;
  documents: number;
  from: Place | undefined;
  to: Place | undefined;
  missingBatches: number;
  tornBytes: number;
}

/**
 * Walks the chain from the oldest batch to the newest and reports the first edit, cut or reorder.
 * An end that was cut off between two batches shows only if somebody has seen more: a reader with a
 * cursor, or who kept the sequence and hash of batches, `known`.
 */
export function verifySpool(
  directory: string,
  known: readonly Pick<Place, "sequence" | "hash">[] = [],
): SpoolVerification {
  return refused(`verify spool ${directory}`, "reader", () => {
    const places = [...readCursors(directory).values(), ...known];
    const seen = new Map(places.map(({ sequence, hash }) => [sequence, hash]));
    const tally: Tally = {
      batches: 0,
      documents: 0,
      from: undefined,
      to: undefined,
      missingBatches: 0,
      tornBytes: 0,
    };
    const segments = listSegments(directory);
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1]?.first;
      const broken = withFile(segment.path, "read", (fd) =>
        verifySegment(fd, segment, { next, tally, seen }),
      );
      if (broken !== undefined) return { ...tally, broken };
    }
    return { ...tally, broken: findCutEnd(segments, tally, seen) };
  });
}

function verifySegment(
  fd: number,
  { path, first }: SegmentFile,
  context: {
    readonly next: number | undefined;
    readonly tally: Tally;
    readonly seen: ReadonlyMap<number, string>;
  },
): Break | undefined {
  const { next, tally, seen } = context;
  const start = readStart(fd, first);
  const damage = start === undefined ? "edited" : verifyJoint(start, tally);
  if (start === undefined || damage !== undefined) {
    return { kind: damage ?? "edited", path, offset: 0, sequence: first };
  }
  tally.from ??= start;
  tally.to = start;
  let offset = segmentHeaderLength;
  while (tally.to.sequence + 1 !== next) {
    const before: Place = tally.to;
    const read = readFrame(fd, offset, before);
    if (read.kind === "end") return;
    if (read.kind === "torn" && next === undefined) {
      tally.tornBytes = fstatSync(fd).size - offset;
      return;
    }
    const kind = kindOfBreak(read, fd, offset, { before, seen });
    if (kind !== undefined) return { kind, path, offset, sequence: before.sequence + 1 };
    if (read.kind !== "batch") return;
    tally.batches += 1;
    tally.documents += read.batch.count;
    tally.to = read.batch.after;
    offset = read.end;
  }
  return;
}

/** Proves that a segment starts where the one before it ended, or that the writer knew of the gap. */
function verifyJoint(start: Place, tally: Tally): Break["kind"] | undefined {
  const { to } = tally;
  if (to === undefined) return;
  if (start.sequence < to.sequence) return "reordered";
  if (start.hash !== to.hash) return start.sequence === to.sequence ? "edited" : "missing";
  tally.missingBatches += start.sequence - to.sequence;
  return;
}

function kindOfBreak(
  read: FrameRead,
  fd: number,
  offset: number,
  context: { readonly before: Place; readonly seen: ReadonlyMap<number, string> },
): Break["kind"] | undefined {
  const { before, seen } = context;
  if (read.kind === "torn") return "cut";
  if (read.kind === "batch") {
    const { sequence, hash } = read.batch;
    return (seen.get(sequence) ?? hash) === hash ? undefined : "edited";
  }
  const header = readFrameHeader(fd, offset);
  const isElsewhere = header !== undefined && header.sequence !== before.sequence + 1;
  return isElsewhere ? "reordered" : "edited";
}

function findCutEnd(
  segments: readonly SegmentFile[],
  { to }: Tally,
  seen: ReadonlyMap<number, string>,
): Break | undefined {
  const newest = segments.at(-1);
  if (newest === undefined || to === undefined) return;
  if (Math.max(0, ...seen.keys()) <= to.sequence) return;
  const offset = withFile(newest.path, "read", (fd) => fstatSync(fd).size);
  return { kind: "cut", path: newest.path, offset, sequence: to.sequence + 1 };
}
