import { once } from "node:events";
import { closeSync, constants, fstatSync, openSync, read } from "node:fs";
import { promisify } from "node:util";
import { createGunzip, type Gunzip } from "node:zlib";
import type { Core } from "#audit/core/core.ts";
import { AuditEngine, type DocumentSink, type EngineOptions } from "#audit/engine.ts";
import { Failure } from "#base/failure.ts";
import type { Ledger } from "#model/ledger.ts";

/** How far a replay has come. */
export interface ReplayProgress {
  readonly file: string;
  /** Bytes of the file that were read, compressed ones where it is compressed. */
  readonly readBytes: number;
  /** `undefined` for a pipe. */
  readonly totalBytes: number | undefined;
}

export interface ReplayOptions {
  readonly core: Core;
  readonly engine: EngineOptions;
  readonly sink: DocumentSink;
  /** Resolves when the sink may be given more; asked after each block. */
  readonly ready: () => Promise<void>;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

const blockBytes = 524_288;
/** Small, as what comes of the piece that has a damage in it is lost. */
const pieceBytes = 4_096;
const readBlock = promisify(read);
const gzipMagic = Buffer.from([0x1f, 0x8b]);

/**
 * Turns whole log files into documents, one file after the other as one log; `-` is standard input.
 * Returns the books. Throws `source.unreadable` for a file that cannot be read and `source.damaged` for
 * a compressed one that breaks off; what came before is handed on.
 */
export async function replay(files: readonly string[], options: ReplayOptions): Promise<Ledger> {
  const engine = new AuditEngine(options.core, options.engine, options.sink);
  try {
    for (const file of files) {
      await replayFile(file, engine, options);
      engine.endFile(0);
    }
  } finally {
    engine.end(0);
  }
  return engine.ledger();
}

async function replayFile(
  file: string,
  engine: AuditEngine,
  options: ReplayOptions,
): Promise<void> {
  const fd = openLog(file);
  try {
    const start = Buffer.allocUnsafe(blockBytes);
    const size = await fill(fd, start, file);
    const stats = fstatSync(fd);
    const totalBytes = stats.isFile() ? stats.size : undefined;
    const goOn = async (readBytes: number) => {
      options.onProgress?.({ file, readBytes, totalBytes });
      await options.ready();
    };
    if (start.subarray(0, 2).equals(gzipMagic) && size > 2) {
      await replayGzip(fd, file, start.subarray(0, size), engine, goOn);
    } else await replayPlain(fd, file, start, size, engine, goOn);
  } finally {
    if (fd !== 0) closeSync(fd);
  }
}

async function replayPlain(
  fd: number,
  file: string,
  block: Buffer,
  firstSize: number,
  engine: AuditEngine,
  goOn: (readBytes: number) => Promise<void>,
): Promise<void> {
  let readBytes = 0;
  let [full, spare]: [Buffer, Buffer] = [block, Buffer.allocUnsafe(blockBytes)];
  for (let size = firstSize; size > 0; ) {
    // While one block is in work, the next is read.
    const next = fill(fd, spare, file);
    try {
      engine.push(full.subarray(0, size), 0);
      readBytes += size;
      await goOn(readBytes);
    } finally {
      size = await next;
    }
    [full, spare] = [spare, full];
  }
}

async function replayGzip(
  fd: number,
  file: string,
  start: Buffer,
  engine: AuditEngine,
  goOn: (readBytes: number) => Promise<void>,
): Promise<void> {
  const gunzip = createGunzip();
  // Handed on as it comes, so that what stands before a damage is not held back with it.
  gunzip.on("data", (bytes: Buffer) => engine.push(bytes, 0));
  const ended = once(gunzip, "end").catch((error: unknown) => {
    throw brokenOff(file, error);
  });
  let readBytes = 0;
  const feed = async () => {
    for (let size = start.length; size > 0; size = await fill(fd, start, file)) {
      for (let from = 0; from < size && !gunzip.destroyed; from += pieceBytes) {
        const piece = start.subarray(from, Math.min(from + pieceBytes, size));
        await write(gunzip, piece);
        readBytes += piece.length;
        await goOn(readBytes);
      }
      if (gunzip.destroyed) return;
    }
    gunzip.end();
  };
  await Promise.all([feed(), ended]);
}

/** Resolves when the piece is used up, or cannot be. */
async function write(gunzip: Gunzip, piece: Uint8Array): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  gunzip.write(piece, () => resolve());
  await promise;
}

function brokenOff(file: string, cause: unknown): Failure {
  return new Failure(
    "source.damaged",
    `Cannot read the rest of ${file}: it is no whole gzip file`,
    {
      hint: "What could be read was replayed. Copy the file again.",
      cause,
    },
  );
}

function openLog(file: string): number {
  if (file === "-") return 0;
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOCTTY);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** Reads the next bytes of a file; 0 at its end. */
async function fill(fd: number, block: Buffer, file: string): Promise<number> {
  try {
    return (await readBlock(fd, block, 0, block.length, null)).bytesRead;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EOF") return 0;
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): Failure {
  const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  return new Failure("source.unreadable", `Cannot read ${file}: ${reason}`, {
    hint: "Give the path of an audit log that this user may read, or - for standard input.",
    cause,
  });
}
