import { statfsSync } from "node:fs";
import type { LossEntry } from "#model/ledger.ts";
import type { Cursor, Place } from "./place.ts";

/** A run of batches that is about to go. */
interface Span {
  /** The place before its first batch; `undefined` if that cannot be told. */
  readonly before: Place | undefined;
  readonly first: number;
  /** The place after its last batch, which is where the next segment starts. */
  readonly after: Place | undefined;
  readonly last: number;
  readonly bytes: number;
}

/** Tells what the reader that is furthest behind loses with a span; `undefined` if all have read it. */
export function unreadLoss(slowest: Cursor | undefined, span: Span): LossEntry | undefined {
  if (slowest === undefined || slowest.sequence >= span.last) return;
  const first = Math.max(span.first, slowest.sequence + 1);
  const from = Math.max(span.before?.documents ?? 0, slowest.documents);
  return {
    count: span.last - first + 1,
    events: Math.max(0, (span.after?.documents ?? from) - from),
    bytes: span.bytes,
    first: String(first),
    last: String(span.last),
  };
}

/** Bytes of the segments that hold anything that the reader furthest behind has not read. */
export function unreadBytes(
  slowest: Cursor | undefined,
  segments: readonly { readonly first: number; readonly bytes: number }[],
): number {
  if (slowest === undefined) return 0;
  const unread = segments.filter((_, index) => {
    const next = segments[index + 1];
    return next === undefined || slowest.sequence < next.first - 1;
  });
  return unread.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Bytes that the file system has left for us. */
export function readFreeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** What the system would say if it kept space free itself. */
export function tooLittleSpace(): Error {
  return Object.assign(new Error("Too little space is free"), {
    code: "ENOSPC",
    syscall: "statfs",
  });
}
