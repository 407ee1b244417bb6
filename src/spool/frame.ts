import { createHash } from "node:crypto";
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Place } from "./place.ts";

/** What one batch holds, before it is compressed. */
export interface BatchContent {
  /** NDJSON, each line ended by a line feed. */
  readonly documents: Uint8Array;
  /** Number of documents. */
  readonly count: number;
  /** Opaque bytes that are committed together with the documents. */
  readonly note: Uint8Array;
  /** Times of the earliest and the latest document, in milliseconds of the epoch. */
  readonly timeRange?: TimeRange;
}

/** A span of time, both ends included. */
export interface TimeRange {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** What stands before the bytes of a batch. */
export interface FrameHeader {
  readonly sequence: number;
  /** Documents appended before this batch, since the spool was made. */
  readonly documentsBefore: number;
  readonly count: number;
  readonly noteLength: number;
  readonly noteSizeBytes: number;
  readonly bodyLength: number;
  readonly bodySizeBytes: number;
  readonly timeRange: TimeRange | undefined;
  readonly previousHash: string;
}

/** What stands at the start of a segment. */
export interface SegmentHeader {
  readonly version: number;
  /** The place before the segment's first batch. */
  readonly before: Place;
}

/** Bytes of a segment header. */
export const segmentHeaderLength = 68;
/** Bytes of a frame header. */
export const frameHeaderLength = 100;
/** Bytes of the hash that ends a frame. */
export const hashLength = 32;
/** Newest format that this code reads, and the one it writes. */
export const formatVersion = 1;
/** Largest documents or note of one batch, before compression: what a reader must be able to hold. */
export const maxContentBytes = 64 * 1_048_576;

const maxFrameBytes = 2 * maxContentBytes + 1_048_576;
const segmentMagic = Buffer.from("LGSPOOL\n");
/** Starts every frame. */
export const frameMagic = Buffer.from("LGB\n");

/** Renders the start of a segment. */
export function renderSegmentHeader(before: Place): Buffer {
  const bytes = Buffer.alloc(segmentHeaderLength);
  segmentMagic.copy(bytes);
  bytes.writeUInt32LE(formatVersion, 8);
  bytes.writeBigUInt64LE(BigInt(before.sequence + 1), 16);
  bytes.writeBigUInt64LE(BigInt(before.documents), 24);
  bytes.write(before.hash, 32, "hex");
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 64)), 64);
  return bytes;
}

/** Reads the start of a segment, or `undefined` if it is damaged. */
export function parseSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < segmentHeaderLength || !bytes.subarray(0, 8).equals(segmentMagic)) return;
  if (bytes.readUInt32LE(64) !== crc32(bytes.subarray(0, 64))) return;
  const sequence = Number(bytes.readBigUInt64LE(16)) - 1;
  const documents = Number(bytes.readBigUInt64LE(24));
  const hash = bytes.toString("hex", 32, 64);
  return { version: bytes.readUInt32LE(8), before: { sequence, documents, hash } };
}

/** Seals one batch: compresses, frames and hashes it onto the chain that ends at `before`. */
export function sealBatch(
  content: BatchContent,
  before: Place,
  compressionLevel: number,
): { readonly frame: Buffer; readonly after: Place } {
  const note = compress(content.note, compressionLevel);
  const body = compress(content.documents, compressionLevel);
  const header = renderFrameHeader({
    sequence: before.sequence + 1,
    documentsBefore: before.documents,
    count: content.count,
    noteLength: note.length,
    noteSizeBytes: content.note.length,
    bodyLength: body.length,
    bodySizeBytes: content.documents.length,
    timeRange: content.timeRange,
    previousHash: before.hash,
  });
  const hash = chainHash(header, hashOf(note), hashOf(body));
  const after = {
    sequence: before.sequence + 1,
    hash: hash.toString("hex"),
    documents: before.documents + content.count,
  };
  return { frame: Buffer.concat([header, note, body, hash]), after };
}

/** Reads what stands before a batch, or `undefined` if it is damaged. */
export function parseFrameHeader(bytes: Buffer): FrameHeader | undefined {
  if (bytes.length < frameHeaderLength || !bytes.subarray(0, 4).equals(frameMagic)) return;
  if (bytes.readUInt32LE(96) !== crc32(bytes.subarray(0, 96))) return;
  const hasTimes = bytes.readUInt32LE(44) === 1;
  const header: FrameHeader = {
    sequence: Number(bytes.readBigUInt64LE(8)),
    documentsBefore: Number(bytes.readBigUInt64LE(16)),
    count: bytes.readUInt32LE(24),
    noteLength: bytes.readUInt32LE(28),
    noteSizeBytes: bytes.readUInt32LE(32),
    bodyLength: bytes.readUInt32LE(36),
    bodySizeBytes: bytes.readUInt32LE(40),
    timeRange: hasTimes
      ? { firstMs: bytes.readDoubleLE(48), lastMs: bytes.readDoubleLE(56) }
      : undefined,
    previousHash: bytes.toString("hex", 64, 96),
  };
  return frameLength(header) <= maxFrameBytes ? header : undefined;
}

/** Bytes of the whole frame that a header starts. */
export function frameLength(header: FrameHeader): number {
  return frameHeaderLength + header.noteLength + header.bodyLength + hashLength;
}

/** Computes the hash that a frame must end with. */
export function frameHash(frame: Buffer, { noteLength }: FrameHeader): Buffer {
  const bodyStart = frameHeaderLength + noteLength;
  const note = hashOf(frame.subarray(frameHeaderLength, bodyStart));
  const body = hashOf(frame.subarray(bodyStart, -hashLength));
  return chainHash(frame.subarray(0, frameHeaderLength), note, body);
}

/**
 * The hash of one batch, over its header, which has the hash before it, and the hashes of note and
 * body: so it can be proved to somebody who is shown the header and the body, but not the note.
 */
export function chainHash(header: Uint8Array, noteHash: Uint8Array, bodyHash: Uint8Array): Buffer {
  return createHash("sha256").update(header).update(noteHash).update(bodyHash).digest();
}

/** The SHA-256 of a note or a body, as it goes into the chain. */
export function hashOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Undoes the compression of a body or a note; what grows beyond its stated size is refused. */
export function decompress(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  const limit = Math.min(sizeBytes, maxContentBytes);
  const content = zstdDecompressSync(bytes, {
    maxOutputLength: Math.max(limit, 1),
    // One piece of memory for all of it, instead of many that are joined.
    chunkSize: Math.max(limit, 64),
  });
  if (content.length !== sizeBytes) {
    throw new RangeError(`Cannot decompress batch: size is ${content.length}, not ${sizeBytes}`);
  }
  return content;
}

function renderFrameHeader(header: FrameHeader): Buffer {
  const bytes = Buffer.alloc(frameHeaderLength);
  frameMagic.copy(bytes);
  bytes.writeBigUInt64LE(BigInt(header.sequence), 8);
  bytes.writeBigUInt64LE(BigInt(header.documentsBefore), 16);
  bytes.writeUInt32LE(header.count, 24);
  bytes.writeUInt32LE(header.noteLength, 28);
  bytes.writeUInt32LE(header.noteSizeBytes, 32);
  bytes.writeUInt32LE(header.bodyLength, 36);
  bytes.writeUInt32LE(header.bodySizeBytes, 40);
  if (header.timeRange !== undefined) {
    bytes.writeUInt32LE(1, 44);
    bytes.writeDoubleLE(header.timeRange.firstMs, 48);
    bytes.writeDoubleLE(header.timeRange.lastMs, 56);
  }
  bytes.write(header.previousHash, 64, "hex");
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 96)), 96);
  return bytes;
}

function compress(content: Uint8Array, compressionLevel: number): Buffer {
  return zstdCompressSync(content, {
    params: { [constants.ZSTD_c_compressionLevel]: compressionLevel },
  });
}
