import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ifThere } from "./files.ts";

/** One segment file. */
export interface SegmentFile {
  readonly path: string;
  /** Sequence of the first batch, as the name says. */
  readonly first: number;
}

/** One file of the quarantine. */
export interface QuarantineFile {
  readonly path: string;
  /** Sequences of the first and the last batch that it may hold. */
  readonly first: number;
  readonly last: number;
  /** Documents appended up to and with the last batch, as far as known. */
  readonly documents: number;
}

const segmentPattern = /^(?<first>\d{20})\.spool$/;
const quarantinePattern = /^(?<first>\d{20})-(?<last>\d{20})-(?<documents>\d{1,16})\.damaged$/;

/** Path of the segment whose first batch has a sequence. */
export function segmentPath(directory: string, first: number): string {
  return join(directory, `${digits(first)}.spool`);
}

/** Path of the folder that keeps what was damaged. */
export function quarantineDirectory(directory: string): string {
  return join(directory, "quarantine");
}

/** Path of the quarantine file for a span of batches. */
export function quarantinePath(
  directory: string,
  span: { readonly first: number; readonly last: number; readonly documents: number },
): string {
  const name = `${digits(span.first)}-${digits(span.last)}-${span.documents}.damaged`;
  return join(quarantineDirectory(directory), name);
}

/** Lists the segments, oldest first. */
export function listSegments(directory: string): SegmentFile[] {
  return readdirSync(directory)
    .toSorted()
    .flatMap((name) => {
      const first = Number(segmentPattern.exec(name)?.groups?.first);
      return Number.isSafeInteger(first) && first > 0
        ? [{ path: join(directory, name), first }]
        : [];
    });
}

/** Lists the quarantine, oldest first. */
export function listQuarantine(directory: string): QuarantineFile[] {
  const folder = quarantineDirectory(directory);
  return (ifThere(() => readdirSync(folder)) ?? []).toSorted().flatMap((name) => {
    const groups = quarantinePattern.exec(name)?.groups;
    const first = Number(groups?.first);
    const last = Number(groups?.last);
    const documents = Number(groups?.documents);
    return Number.isSafeInteger(first) && Number.isSafeInteger(last)
      ? [{ path: join(folder, name), first, last, documents }]
      : [];
  });
}

/** Size of a file in bytes; 0 if it is gone. */
export function sizeOf(path: string): number {
  return ifThere(() => lstatSync(path).size) ?? 0;
}

function digits(sequence: number): string {
  return String(sequence).padStart(20, "0");
}
