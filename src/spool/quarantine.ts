import { closeSync, fstatSync, fsyncSync, ftruncateSync, readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  createFile,
  ifThere,
  isSystemError,
  makeDirectory,
  readAt,
  remove,
  removeIfPossible,
  statDirectory,
  syncDirectory,
  withFile,
  writeAll,
} from "./files.ts";
import { frameHeaderLength, frameLength, frameMagic, segmentHeaderLength } from "./frame.ts";
import { listQuarantine, quarantineDirectory, quarantinePath, sizeOf } from "./layout.ts";
import { origin, type Place } from "./place.ts";
import { readFrameHeader } from "./segment.ts";

/** Where a segment stops being readable. */
export interface Damage {
  /** Path of the segment. */
  readonly path: string;
  /** The first byte that cannot be read. */
  readonly offset: number;
  /** The place after the last batch that can be read. */
  readonly before: Place;
}

/** What can still be told of the bytes behind a damage. */
export interface Wreck {
  /** Sequence of the last batch that lay there; as before the damage if there was no whole one. */
  readonly last: number;
  /** Documents appended up to and with that batch, as far as known. */
  readonly documents: number;
  /** Documents that lay there, as far as known. */
  readonly events: number;
  readonly bytes: number;
}

/** How much the quarantine may hold. */
export interface QuarantineLimit {
  readonly bytes: number;
  readonly files: number;
}

const chunkBytes = 1_048_576;

/**
 * Looks for batches behind a damage, to learn which were lost.
 * Bytes that are no more than the start of one frame are an append that never ended: nothing was lost.
 */
export function surveyWreck(damage: Damage): Wreck {
  try {
    return withFile(damage.path, "read", (fd) => surveyBytes(fd, damage));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // No regular file, such as a symbolic link, or one that cannot be read.
    const { sequence, documents } = damage.before;
    return { last: sequence + 1, documents, events: 0, bytes: sizeOf(damage.path) };
  }
}

/** Keeps what lies behind a damage in the quarantine, then cuts it off the segment. */
export function quarantine(
  damage: Damage,
  span: { readonly first: number; readonly last: number; readonly documents: number },
  limit: QuarantineLimit,
): void {
  const directory = dirname(damage.path);
  const folder = quarantineDirectory(directory);
  if (statDirectory(folder) === undefined) makeDirectory(folder);
  const target = quarantinePath(directory, span);
  if (damage.offset <= segmentHeaderLength) {
    renameSync(damage.path, target);
    syncDirectory(folder);
    syncDirectory(directory);
  } else {
    copyRest(damage, target, limit.bytes);
    cutSegment(damage.path, damage.offset);
  }
  trimQuarantine(directory, limit);
}

/** Cuts a segment to its readable part. */
export function cutSegment(path: string, lengthBytes: number): void {
  withFile(path, "write", (fd) => {
    ftruncateSync(fd, lengthBytes);
    fsyncSync(fd);
  });
}

/** Removes the oldest files of the quarantine until it keeps its limit; returns the bytes it holds. */
export function trimQuarantine(directory: string, limit: QuarantineLimit): number {
  const files = listQuarantine(directory).map(({ path }) => ({ path, bytes: sizeOf(path) }));
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  files.forEach((file, index) => {
    if (bytes <= limit.bytes && files.length - index <= limit.files) return;
    if (removeIfPossible(file.path)) bytes -= file.bytes;
  });
  return bytes;
}

/** Removes what an interrupted write left in a folder. */
export function removeTemporaries(folder: string): void {
  for (const name of ifThere(() => readdirSync(folder)) ?? []) {
    if (name.endsWith(".tmp")) removeIfPossible(join(folder, name));
  }
}

function surveyBytes(fd: number, { offset, before }: Damage): Wreck {
  const { size } = fstatSync(fd);
  const bytes = Math.max(0, size - offset);
  const torn = { last: before.sequence, documents: before.documents, events: 0, bytes };
  if (bytes < frameHeaderLength) return torn;
  const start = readFrameHeader(fd, offset);
  if (start?.sequence === before.sequence + 1 && offset + frameLength(start) > size) return torn;
  let from = before.hash === origin.hash ? undefined : before.documents;
  let { documents } = before;
  let last = before.sequence + 1;
  for (const header of headersFrom(fd, offset, size)) {
    from ??= header.documentsBefore;
    last = Math.max(last, header.sequence);
    documents = Math.max(documents, header.documentsBefore + header.count);
  }
  return { last, documents, events: Math.max(0, documents - (from ?? documents)), bytes };
}

function* headersFrom(fd: number, from: number, size: number) {
  let offset = from;
  while (offset < size) {
    const chunk = readAt(fd, offset, Math.min(chunkBytes, size - offset));
    const found = chunk.indexOf(frameMagic);
    if (found < 0) {
      offset += Math.max(1, chunk.length - frameMagic.length + 1);
      continue;
    }
    offset += found;
    const header = readFrameHeader(fd, offset);
    if (header !== undefined) yield header;
    offset += header === undefined ? 1 : frameLength(header);
  }
}

function copyRest({ path, offset }: Damage, target: string, limitBytes: number): void {
  const temporary = `${target}.tmp`;
  remove(temporary);
  const to = createFile(temporary);
  try {
    withFile(path, "read", (from) => {
      for (let done = 0; done < limitBytes; done += chunkBytes) {
        const bytes = readAt(from, offset + done, Math.min(chunkBytes, limitBytes - done));
        if (bytes.length === 0) break;
        writeAll(to, bytes, done);
      }
    });
    fsyncSync(to);
    renameSync(temporary, target);
  } catch (error) {
    removeIfPossible(temporary);
    throw error;
  } finally {
    closeSync(to);
  }
  syncDirectory(dirname(target));
}
