import { closeSync } from "node:fs";
import { isSystemError, openRegular } from "./files.ts";
import { segmentHeaderLength } from "./frame.ts";
import { listQuarantine, listSegments, type SegmentFile } from "./layout.ts";
import { addLoss, type Cursor, origin, type Place } from "./place.ts";
import type { Damage } from "./quarantine.ts";
import { type FrameRead, readFrame, readStart, type SealedBatch } from "./segment.ts";

/** A batch as a reader gets it. */
export interface Batch extends SealedBatch {
  /** The place after this batch, with all that the reader missed up to it. */
  readonly cursor: Cursor;
}

/** Where a walk goes, and what it knows of the writer. */
export interface WalkOptions {
  readonly directory: string;
  /** The last batch that the reader had; without one the oldest batch is next and nothing counts as missed. */
  readonly from: Cursor | undefined;
  /** Sequence of the newest durable batch; only the writer's own process knows it. */
  readonly committed: (() => number) | undefined;
  /** Is told of damage that is final. */
  readonly onDamage: ((damage: Damage) => void) | undefined;
}

interface OpenSegment extends SegmentFile {
  readonly fd: number;
  offset: number;
  /** The place before `offset`; `undefined` if the segment's header is damaged. */
  before: Place | undefined;
  /** First sequence of the next segment; `undefined` while this is the newest. */
  next: number | undefined;
  isReported: boolean;
}

/** One reader's way along the chain: segments are opened one by one, batches read one by one. */
export class Walk {
  readonly #options: WalkOptions;
  #cursor: Cursor | undefined;
  /** Batches up to here were handed out before the walk began. */
  #skipTo: number;
  #segment: OpenSegment | undefined;
  /** The segments before this sequence are done. */
  #after = 0;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#cursor = options.from;
    this.#skipTo = options.from?.sequence ?? 0;
  }

  /** Reads the next batch; `undefined` if there is none yet. */
  next(): Batch | undefined {
    for (;;) {
      this.#segment ??= this.#open();
      const segment = this.#segment;
      if (segment === undefined) return;
      const read = readSafely(segment);
      // What a failed append left behind carries a number that the next segment has as well.
      if (read.kind !== "batch" || read.batch.sequence >= (segment.next ?? Infinity)) {
        if (!this.#leave(segment, read)) return;
        continue;
      }
      const { batch, end } = read;
      if (batch.sequence > (this.#options.committed?.() ?? Infinity)) return;
      segment.offset = end;
      segment.before = batch.after;
      if (batch.sequence > this.#skipTo) return this.#handOut(batch, segment);
    }
  }

  /** Closes the segment that is open. */
  close(): void {
    if (this.#segment !== undefined) closeSync(this.#segment.fd);
    this.#segment = undefined;
  }

  #open(): OpenSegment | undefined {
    const segments = listSegments(this.#options.directory);
    const start = segments.findLastIndex(({ first }) => first <= this.#skipTo + 1);
    const index = segments.findIndex(({ first }, at) => first >= this.#after && at >= start);
    const file = segments[index];
    if (file === undefined) return;
    const next = segments[index + 1]?.first;
    try {
      const fd = openRegular(file.path, "read");
      const before = readStart(fd, file.first);
      return { ...file, fd, offset: segmentHeaderLength, before, next, isReported: false };
    } catch (error) {
      // Gone since it was listed: the next one is the oldest now. No regular file: passed over.
      const isGone = isSystemError(error, "ENOENT");
      if (!isGone && !isSystemError(error, "ELOOP", "EPERM", "ENXIO", "EIO")) throw error;
      if (!isGone && next === undefined) return;
      if (!isGone) this.#report({ path: file.path, offset: 0, before: this.#placeBefore(file) });
      this.#after = next ?? file.first + 1;
      return this.#open();
    }
  }

  /** Leaves a segment at a place where no batch can be read; false if one may still come. */
  #leave(segment: OpenSegment, read: FrameRead): boolean {
    if (segment.next === undefined) return this.#stay(segment, read);
    const expected = expectedIn(segment);
    if (expected < segment.next && read.kind !== "end") this.#reportRest(segment);
    this.#after = segment.next;
    this.close();
    return true;
  }

  /** Stays with the newest segment; true if it is worth another look, as it is the newest no more. */
  #stay(segment: OpenSegment, read: FrameRead): boolean {
    const expected = expectedIn(segment);
    segment.next = listSegments(this.#options.directory).find(
      ({ first }) => first > segment.first,
    )?.first;
    // The last batches may have come after the look at the segment and before the look at the list.
    const isNewest = segment.next === undefined;
    if (isNewest) {
      this.#skipTo = Math.min(this.#skipTo, expected - 1);
      const isFinal = (this.#options.committed?.() ?? 0) >= expected && read.kind !== "end";
      if (isFinal && !segment.isReported) this.#reportRest(segment);
    }
    // It may be that it was just being made, or is made once more: it is opened anew.
    if (segment.offset === segmentHeaderLength && !segment.isReported) this.close();
    return !isNewest;
  }

  #reportRest(segment: OpenSegment): void {
    segment.isReported = true;
    const { path, offset } = segment;
    this.#report(
      segment.before === undefined
        ? { path, offset: 0, before: this.#placeBefore(segment) }
        : { path, offset, before: segment.before },
    );
  }

  #report(damage: Damage): void {
    this.#options.onDamage?.(damage);
  }

  #placeBefore({ first }: SegmentFile): Place {
    const cursor = this.#cursor;
    return cursor?.sequence === first - 1 ? cursor : { ...origin, sequence: first - 1 };
  }

  #handOut(batch: SealedBatch, segment: SegmentFile): Batch {
    const cursor = { ...batch.after, losses: this.#lossesBefore(batch, segment) };
    this.#cursor = cursor;
    this.#skipTo = batch.sequence;
    return { ...batch, cursor };
  }

  /** Counts what is missing between the last batch and this one, exactly: each batch tells what came before it. */
  #lossesBefore(batch: SealedBatch, segment: SegmentFile): Cursor["losses"] {
    const from = this.#cursor;
    if (from === undefined) return {};
    const events = batch.before.documents - from.documents;
    if (batch.sequence <= from.sequence + 1 || events <= 0) return from.losses;
    const { directory } = this.#options;
    const isOldest = listSegments(directory)[0]?.first === segment.first;
    const isQuarantined = listQuarantine(directory).some(
      ({ first, last }) => first < batch.sequence && last > from.sequence,
    );
    return addLoss(from.losses, isOldest && !isQuarantined ? "spool_full" : "corrupt_segment", {
      count: batch.sequence - from.sequence - 1,
      events,
      bytes: 0,
      first: String(from.sequence + 1),
      last: String(batch.sequence - 1),
    });
  }
}

/** Sequence of the batch that is next in a segment. */
function expectedIn({ before, first }: OpenSegment): number {
  return (before?.sequence ?? first - 1) + 1;
}

function readSafely({ fd, offset, before }: OpenSegment): FrameRead {
  if (before === undefined) return { kind: "damaged" };
  try {
    return readFrame(fd, offset, before);
  } catch (error) {
    if (isSystemError(error, "EIO")) return { kind: "damaged" };
    throw error;
  }
}
