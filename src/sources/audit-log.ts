import { type FSWatcher, lstatSync, watch } from "node:fs";
import { dirname } from "node:path";
import { type ChainLink, listChain } from "./chain.ts";
import { LogFile } from "./log-file.ts";
import type { LogPosition } from "./position.ts";

/** What reading a log gives. */
export type SourceItem =
  /** Bytes in order, valid until the next read, and the place behind the last of them. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly position: LogPosition }
  /** The file is over; what it left of a line is all of it. The next bytes are another file's. */
  | { readonly kind: "boundary"; readonly position: LogPosition | undefined }
  /** Bytes that were in the log and cannot be had any more. */
  | { readonly kind: "gap"; readonly reason: GapReason; readonly lostBytes: number | undefined }
  | { readonly kind: "access"; readonly state: "lost" | "regained"; readonly code: string };

/** Why bytes are lost: see `LossReason`. */
export type GapReason = "rotated_out" | "truncated" | "replaced" | "access_lost";

export interface AuditLogSettings {
  /** The file that auditd writes; rotated ones are beside it with a number behind the name. */
  readonly path: string;
  /** Where to go on; without one at `from`. */
  readonly position?: LogPosition;
  readonly from: "oldest" | "end";
  readonly blockBytes?: number;
}

const defaultBlockBytes = 1_048_576;
/** Changes come in bursts; this long after the first one they are read together. */
const gatherMs = 20;

/**
 * Follows the log that auditd writes over rotation, cutting, replacement and lost permission. It only
 * ever reads: nothing it does can hold up auditd.
 */
export class AuditLog {
  readonly #path: string;
  readonly #settings: AuditLogSettings;
  readonly #block: Uint8Array;
  readonly #items: SourceItem[] = [];
  #file: LogFile | undefined;
  #searched: LogPosition | undefined;
  #position: LogPosition | undefined;
  #isCaughtUp = false;
  #lostCode: string | undefined;
  /** The files as they were when the current one was last known to be among them. */
  #chain: readonly ChainLink[] = [];

  private constructor(settings: AuditLogSettings) {
    this.#settings = settings;
    this.#path = settings.path;
    this.#searched = settings.position;
    this.#block = Buffer.allocUnsafe(settings.blockBytes ?? defaultBlockBytes);
  }

  static open(settings: AuditLogSettings): AuditLog {
    return new AuditLog(settings);
  }

  /** The next item; `undefined` if there is nothing new now. */
  read(): SourceItem | undefined {
    const waiting = this.#items.shift();
    if (waiting !== undefined) return waiting;
    try {
      const item = this.#file === undefined ? this.#begin() : this.#readOn(this.#file);
      if (this.#file !== undefined) this.#regain();
      return this.#items.length > 0 && item === undefined ? this.#items.shift() : item;
    } catch (error) {
      return this.#lose(codeOf(error));
    }
  }

  /** Waits until the log changes, at most so long. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    let gathering: NodeJS.Timeout | undefined;
    const gather = () => {
      gathering ??= setTimeout(resolve, Math.min(gatherMs, timeoutMs));
    };
    const watcher = watchDirectory(dirname(this.#path), gather);
    signal.addEventListener("abort", () => resolve(), { once: true });
    // What came before the watch began rings no bell.
    if (this.lag().bytesBehind > 0) gather();
    await promise;
    clearTimeout(timer);
    clearTimeout(gathering);
    watcher?.close();
  }

  /** How much there is that was not read: bytes, and files after the current one. */
  lag(): { readonly bytesBehind: number; readonly files: number } {
    try {
      const file = this.#file;
      if (file === undefined) return { bytesBehind: 0, files: 0 };
      return { bytesBehind: Math.max(file.sizeBytes - file.offset, 0), files: 0 };
    } catch {
      return { bytesBehind: 0, files: 0 };
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** Finds the file to begin with, or to go on in after a stop. */
  #begin(): SourceItem | undefined {
    const chain = listChain(this.#path);
    const [oldest] = chain;
    if (oldest === undefined) return undefined;
    if (this.#searched !== undefined) this.#resume(this.#searched, chain, oldest);
    else if (this.#settings.from === "end") {
      this.#enter(LogFile.open(this.#path), chain);
      this.#file?.seek(this.#file.sizeBytes);
    } else this.#enter(LogFile.open(oldest.path), chain);
    return undefined;
  }

  #resume(position: LogPosition, chain: readonly ChainLink[], oldest: ChainLink): void {
    for (const link of chain) {
      if (link.device !== position.device || link.inode !== position.inode) continue;
      const file = LogFile.open(link.path, position.offset);
      if (file.isFileOf(position)) {
        this.#enter(file, chain);
        if (!file.holds(position)) this.#restart(file, position.offset);
        return;
      }
      file.close();
    }
    this.#items.push({ kind: "gap", reason: "rotated_out", lostBytes: undefined });
    this.#enter(LogFile.open(oldest.path), chain);
  }

  #enter(file: LogFile, chain: readonly ChainLink[]): void {
    this.#file?.close();
    this.#file = file;
    this.#chain = chain;
    this.#searched = undefined;
    this.#position = undefined;
    this.#isCaughtUp = false;
  }

  /** The file was cut in place: what was in it from here on is lost, or was read. */
  #restart(file: LogFile, offset: number): void {
    const lostBytes = file.sizeBytes < offset ? undefined : 0;
    this.#items.push({ kind: "boundary", position: undefined });
    this.#items.push({ kind: "gap", reason: "truncated", lostBytes });
    file.rewind();
    this.#position = undefined;
  }

  #readOn(file: LogFile): SourceItem | undefined {
    if (this.#isCaughtUp && this.#wasCut(file)) {
      this.#restart(file, file.offset);
      return undefined;
    }
    const item = this.#readBlock(file);
    if (item !== undefined) return item;
    this.#isCaughtUp = true;
    const current = lstatSync(this.#path, { throwIfNoEntry: false });
    if (current === undefined) return undefined;
    if (current.dev === file.device && current.ino === file.inode) return undefined;
    // The new file is there, so the old one gets no more bytes: these are its last.
    return this.#readBlock(file) ?? this.#moveOn(file);
  }

  #readBlock(file: LogFile): SourceItem | undefined {
    const size = file.read(this.#block);
    if (size === 0) return undefined;
    this.#isCaughtUp = false;
    const position = file.position();
    this.#position = position;
    return { kind: "bytes", bytes: this.#block.subarray(0, size), position };
  }

  /** Whether a file that was read to its end is shorter now, or holds other bytes there. */
  #wasCut(file: LogFile): boolean {
    const size = file.sizeBytes;
    if (size === file.offset) return false;
    return size < file.offset || (this.#position !== undefined && !file.holds(this.#position));
  }

  /** Goes from a file that is over to the one that came after it. */
  #moveOn(file: LogFile): SourceItem | undefined {
    const chain = listChain(this.#path);
    const place = chain.findIndex(
      ({ inode, device }) => inode === file.inode && device === file.device,
    );
    const isKnown = ({ inode, device }: ChainLink) =>
      this.#chain.some((link) => link.inode === inode && link.device === device);
    const next = place >= 0 ? chain[place + 1] : chain.find((link) => !isKnown(link));
    if (next === undefined) return undefined;
    const younger = LogFile.open(next.path);
    if (younger.inode !== next.inode) {
      // Rotated once more between the look and the opening: look again.
      younger.close();
      return undefined;
    }
    if (place < 0) {
      const isReplaced =
        next.path === this.#path && chain.filter((link) => !isKnown(link)).length === 1;
      const reason = isReplaced ? "replaced" : "rotated_out";
      this.#items.push({ kind: "gap", reason, lostBytes: undefined });
    }
    this.#enter(younger, chain);
    return { kind: "boundary", position: undefined };
  }

  #lose(code: string): SourceItem | undefined {
    if (code === "ENOENT" || this.#lostCode !== undefined) return undefined;
    this.#lostCode = code;
    this.#items.push({ kind: "gap", reason: "access_lost", lostBytes: undefined });
    return { kind: "access", state: "lost", code };
  }

  #regain(): void {
    if (this.#lostCode === undefined) return;
    this.#items.push({ kind: "access", state: "regained", code: this.#lostCode });
    this.#lostCode = undefined;
  }
}

/** A directory that cannot be watched is only looked at from time to time. */
function watchDirectory(directory: string, ring: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: true }, ring);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  throw error;
}
