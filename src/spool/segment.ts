import { fstatSync } from "node:fs";
import { Failure } from "#base/failure.ts";
import { isSystemError, readAt, withFile } from "./files.ts";
import {
  decompress,
  type FrameHeader,
  formatVersion,
  frameHash,
  frameHeaderLength,
  frameLength,
  hashLength,
  hashOf,
  parseFrameHeader,
  parseSegmentHeader,
  segmentHeaderLength,
  type TimeRange,
} from "./frame.ts";
import type { SegmentFile } from "./layout.ts";
import type { Place } from "./place.ts";

/** One sealed batch, as it lies on disk. */
export interface SealedBatch {
  readonly sequence: number;
  /** Hash over the header, which has the hash before, the note and the body, in hexadecimal. */
  readonly hash: string;
  /** What proves, together with the body, that the hash is of this batch. */
  seal(): Seal;
  readonly previousHash: string;
  /** Number of documents. */
  readonly count: number;
  readonly timeRange: TimeRange | undefined;
  /** The documents as one zstd frame of NDJSON. */
  readonly body: Uint8Array;
  /** Bytes of the documents, uncompressed. */
  readonly sizeBytes: number;
  /** The documents as NDJSON, each line ended by a line feed. */
  documents(): Uint8Array;
  /** The bytes that were committed with the documents. */
  note(): Uint8Array;
  /** The place before this batch and the one after it. */
  readonly before: Place;
  readonly after: Place;
}

/** The header of a batch as it lies on disk, and the hash of its note in hexadecimal. */
interface Seal {
  readonly header: Uint8Array;
  readonly noteHash: string;
}

/** What lies at one offset of a segment. */
export type FrameRead =
  | { readonly kind: "batch"; readonly batch: SealedBatch; readonly end: number }
  /** The file ends here. */
  | { readonly kind: "end" }
  /** The file ends within the frame. */
  | { readonly kind: "torn" }
  | { readonly kind: "damaged" };

/** Reads the place before an open segment's first batch, or `undefined` if its header is torn or damaged. */
export function readStart(fd: number, first: number): Place | undefined {
  const header = parseSegmentHeader(readAt(fd, 0, segmentHeaderLength));
  if (header !== undefined && header.version > formatVersion) {
    throw new Failure(
      "spool.unusable",
      `Cannot read spool: current value of the format version is "${header.version}"`,
      { hint: "A newer version wrote it. Install that version again, or move the spool away." },
    );
  }
  return header?.before.sequence === first - 1 ? header.before : undefined;
}

/** Reads the place before the first batch of a segment file, or `undefined` if it cannot be told. */
export function readSegmentStart({ path, first }: SegmentFile): Place | undefined {
  try {
    return withFile(path, "read", (fd) => readStart(fd, first));
  } catch (error) {
    if (isSystemError(error)) return;
    throw error;
  }
}

/** Reads and proves the frame at an offset: it must continue the chain that ends at `before`. */
export function readFrame(fd: number, offset: number, before: Place): FrameRead {
  const start = readAt(fd, offset, frameHeaderLength);
  if (start.length === 0) return { kind: "end" };
  if (start.length < frameHeaderLength) return { kind: "torn" };
  const header = parseFrameHeader(start);
  if (header === undefined || !continues(header, before)) return { kind: "damaged" };
  const length = frameLength(header);
  if (fstatSync(fd).size < offset + length) return { kind: "torn" };
  const frame = readAt(fd, offset, length);
  if (frame.length < length) return { kind: "torn" };
  const hash = frame.subarray(-hashLength);
  if (!frameHash(frame, header).equals(hash)) return { kind: "damaged" };
  return {
    kind: "batch",
    batch: openBatch(header, frame, hash.toString("hex")),
    end: offset + length,
  };
}

/** Reads only the header of the frame at an offset, or `undefined` if it is torn or damaged. */
export function readFrameHeader(fd: number, offset: number): FrameHeader | undefined {
  return parseFrameHeader(readAt(fd, offset, frameHeaderLength));
}

function continues(header: FrameHeader, before: Place): boolean {
  return (
    header.sequence === before.sequence + 1 &&
    header.previousHash === before.hash &&
    header.documentsBefore === before.documents
  );
}

function openBatch(header: FrameHeader, frame: Buffer, hash: string): SealedBatch {
  const bodyStart = frameHeaderLength + header.noteLength;
  const note = frame.subarray(frameHeaderLength, bodyStart);
  const body = frame.subarray(bodyStart, -hashLength);
  const { sequence, count, previousHash, timeRange, documentsBefore, bodySizeBytes } = header;
  return {
    sequence,
    hash,
    seal: () => ({
      header: frame.subarray(0, frameHeaderLength),
      noteHash: hashOf(note).toString("hex"),
    }),
    previousHash,
    count,
    timeRange,
    body,
    sizeBytes: bodySizeBytes,
    documents: () => decompress(body, bodySizeBytes),
    note: () => decompress(note, header.noteSizeBytes),
    before: { sequence: sequence - 1, hash: previousHash, documents: documentsBefore },
    after: { sequence, hash, documents: documentsBefore + count },
  };
}
