import { Access } from "./access.ts";
import { type ChainLink, isSameFile, listChain, lookAt } from "./chain.ts";
import { findPlace } from "./find-place.ts";
import { LogFile } from "./log-file.ts";
import { isLasting, type OpenedFile, openFirst } from "./open-first.ts";
import type { LogPosition } from "./position.ts";
import { codeOf } from "./system-error.ts";
import { waitForChange } from "./wait-for-change.ts";

/** What reading a log gives. */
export type SourceItem =
  /** Bytes in order, valid until the next read, and the place behind the last of them. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly position: LogPosition }
  /** The file is over; what it left of a line is all of it. The next bytes are at this place. */
  | { readonly kind: "boundary"; readonly position: LogPosition }
  /** Bytes that were in the log and cannot be had any more; how many, if that is known. */
  | { readonly kind: "gap"; readonly reason: GapReason; readonly lostBytes: number | undefined }
  /** The log, or what is next of it, cannot be opened now; it is tried again. */
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

/**
 * Follows the log that auditd writes over rotation, cutting, replacement and lost permission. It only
 * ever reads: nothing it does can hold up auditd.
 */
export class AuditLog {
  readonly #path: string;
  readonly #block: Buffer;
  readonly #items: SourceItem[] = [];
  readonly #access = new Access();
  /** Where a first start begins. */
  #from: "oldest" | "end";
  /** What is to be found first, after a stop. */
  #searched: LogPosition | undefined;
  #file: LogFile | undefined;
  /** The files before the current one: read, or given up. */
  #older: readonly ChainLink[] = [];
  /** The file after the current one, if there was one when that was entered. */
  #next: ChainLink | undefined;
  /** The inode that had the log's name at the last look. */
  #seenInode: number | undefined;

  private constructor(settings: AuditLogSettings) {
    this.#path = settings.path;
    this.#from = settings.from;
    this.#searched = settings.position;
    this.#block = LogFile.createBlock(settings.blockBytes ?? defaultBlockBytes);
  }

  static open(settings: AuditLogSettings): AuditLog {
    return new AuditLog(settings);
  }

  /** The next item; `undefined` if there is nothing new now. Throws nothing that the system may say. */
  read(): SourceItem | undefined {
    const waiting = this.#items.shift();
    if (waiting !== undefined) return waiting;
    try {
      if (this.#file === undefined) this.#begin();
      return this.#items.shift() ?? this.#readOn() ?? this.#items.shift();
    } catch (error) {
      this.#refuse(codeOf(error));
      return this.#items.shift();
    }
  }

  /** Waits until the log changes, at most so long. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return waitForChange(this.#path, timeoutMs, () => this.#hasChanged(), signal);
  }

  /** How much there is that was not read: bytes, and files after the current one. */
  lag(): { readonly bytesBehind: number; readonly files: number } {
    const file = this.#file;
    if (file === undefined) return { bytesBehind: 0, files: 0 };
    const own = Math.max(file.sizeBytes - file.offset, 0);
    const younger = this.#youngerThan(file);
    return {
      bytesBehind: younger.reduce((sum, { sizeBytes }) => sum + sizeBytes, own),
      files: younger.length,
    };
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** Finds the file to begin with, or to go on in after a stop. */
  #begin(): void {
    const chain = listChain(this.#path);
    const current = chain.at(-1);
    this.#seenInode = current?.path === this.#path ? current.inode : undefined;
    if (this.#searched !== undefined) this.#resume(this.#searched, chain);
    else if (this.#from === "end") this.#beginAtEnd(chain, current);
    else this.#beginAtOldest(chain);
  }

  #beginAtEnd(chain: readonly ChainLink[], current: ChainLink | undefined): void {
    if (current?.path === this.#path) {
      const file = LogFile.open(current);
      file.seekEnd();
      this.#items.push({ kind: "boundary", position: file.position() });
      this.#enter({ file, link: current, skipped: [], refusal: undefined }, chain);
    } else {
      // All of a log that is not there yet comes after the end.
      this.#older = chain;
    }
    this.#from = "oldest";
  }

  /** What cannot be read at a first start was never ours to lose. */
  #beginAtOldest(chain: readonly ChainLink[]): void {
    const first = openFirst(chain.filter((link) => !this.#isOlder(link)));
    if (first !== undefined) this.#enter(first, chain);
  }

  #resume(position: LogPosition, chain: readonly ChainLink[]): void {
    const place = findPlace(chain, position);
    const first = openFirst(place < 0 ? chain : chain.slice(place));
    if (first === undefined) return;
    if (place < 0) this.#goOn(first, chain, "rotated_out");
    else if (first.skipped.length > 0) this.#goOn(first, chain, undefined, -position.offset);
    else this.#resumeIn(first, position, chain);
  }

  /** Goes on in a file that has the identity of the one that a position is in. */
  #resumeIn(opened: OpenedFile, position: LogPosition, chain: readonly ChainLink[]): void {
    const { file } = opened;
    const isCertain = file.identity.bornMs !== 0 && position.bornMs !== 0;
    if (file.beginsAs(position) && file.seek(position)) {
      this.#enter(opened, chain);
    } else if (isCertain || file.beginsAs(position)) {
      this.#goOn(opened, chain, "truncated");
    } else {
      // Another file has got the number of ours.
      file.close();
      const first = openFirst(chain);
      if (first !== undefined) this.#goOn(first, chain, "rotated_out");
    }
  }

  #readOn(): SourceItem | undefined {
    const file = this.#file;
    if (file === undefined) return undefined;
    const item = this.#readBlock(file);
    if (item !== undefined) return item;
    const current = lookAt(this.#path);
    this.#seenInode = current?.inode;
    if (current === undefined) return undefined;
    if (isSameFile(current, file.identity)) {
      this.#allow();
      return undefined;
    }
    // The new file is there, so the old one gets no more bytes: these are its last.
    return this.#readBlock(file) ?? this.#moveOn(file, 0);
  }

  #readBlock(file: LogFile): SourceItem | undefined {
    try {
      const bytes = file.read(this.#block);
      if (bytes === undefined) {
        file.rewind();
        this.#items.push({ kind: "boundary", position: file.position() });
        return { kind: "gap", reason: "truncated", lostBytes: undefined };
      }
      if (bytes.length === 0) return undefined;
      return { kind: "bytes", bytes, position: file.position() };
    } catch (error) {
      // A file that cannot be read any more holds nobody up once there is a younger one.
      if (!this.#access.isLost || !isLasting(error)) throw error;
      const next = this.#moveOn(file, file.sizeBytes - file.offset);
      if (next === undefined) throw error;
      return next;
    }
  }

  /** Goes from a file that is over, or of which the rest cannot be read, to the one after it. */
  #moveOn(file: LogFile, unreadBytes: number): SourceItem | undefined {
    const chain = listChain(this.#path);
    const { links, isNextKnown } = this.#linksAfter(file, chain);
    const opened = openFirst(links);
    if (opened === undefined) return undefined;
    const isReplaced = links.length === 1 && links[0]?.path === this.#path;
    const reason = isReplaced ? "replaced" : "rotated_out";
    this.#goOn(opened, chain, isNextKnown ? undefined : reason, unreadBytes);
    return this.#items.shift();
  }

  #youngerThan(file: LogFile): readonly ChainLink[] {
    try {
      const current = lookAt(this.#path);
      const isLast = current === undefined || isSameFile(current, file.identity);
      return isLast ? [] : this.#linksAfter(file, listChain(this.#path)).links;
    } catch {
      return [];
    }
  }

  /** The files after the current one, and whether the first of them is the very next. */
  #linksAfter(
    file: LogFile,
    chain: readonly ChainLink[],
  ): { readonly links: readonly ChainLink[]; readonly isNextKnown: boolean } {
    const place = chain.findIndex((link) => isSameFile(link, file.identity));
    if (place >= 0) return { links: chain.slice(place + 1), isNextKnown: true };
    const links = chain.filter((link) => !this.#isOlder(link));
    const [first] = links;
    const isNextKnown =
      first !== undefined && this.#next !== undefined && isSameFile(first, this.#next);
    return { links, isNextKnown };
  }

  /**
   * Enters another file behind a boundary, and behind a gap if there is a reason for one or files
   * before it were given up. `moreBytes` is lost besides those files, or, below zero, not lost of them.
   */
  #goOn(
    opened: OpenedFile,
    chain: readonly ChainLink[],
    reason: GapReason | undefined,
    moreBytes = 0,
  ): void {
    const { file, skipped, refusal } = opened;
    if (refusal !== undefined && !this.#access.maySkip(performance.now())) {
      file.close();
      throw refusal;
    }
    const skippedBytes = skipped.reduce((sum, { sizeBytes }) => sum + sizeBytes, moreBytes);
    if (reason !== undefined) {
      const cause = this.#access.isLost && reason !== "truncated" ? "access_lost" : reason;
      this.#items.push({ kind: "gap", reason: cause, lostBytes: undefined });
    } else if (skippedBytes > 0) {
      this.#items.push({ kind: "gap", reason: "access_lost", lostBytes: skippedBytes });
    }
    this.#items.push({ kind: "boundary", position: file.position() });
    this.#enter(opened, chain);
  }

  #enter({ file, link }: OpenedFile, chain: readonly ChainLink[]): void {
    const place = chain.indexOf(link);
    this.#file?.close();
    this.#file = file;
    this.#older = chain.slice(0, place);
    this.#next = chain[place + 1];
    this.#searched = undefined;
    this.#allow();
  }

  #isOlder(link: ChainLink): boolean {
    return this.#older.some((older) => isSameFile(older, link));
  }

  #refuse(code: string): void {
    if (code === "ENOENT") {
      // It is being renamed just now: there is something to see at the next look.
      this.#seenInode = -1;
    } else if (this.#access.refuse(code, performance.now())) {
      this.#items.push({ kind: "access", state: "lost", code });
    }
  }

  #allow(): void {
    const code = this.#access.allow();
    if (code !== undefined) this.#items.push({ kind: "access", state: "regained", code });
  }

  /** Whether there is something to see since the last read. */
  #hasChanged(): boolean {
    if (this.#items.length > 0) return true;
    if (this.#access.isRefused) return false;
    try {
      if (this.#file !== undefined && this.#file.sizeBytes !== this.#file.offset) return true;
      return lookAt(this.#path)?.inode !== this.#seenInode;
    } catch {
      return false;
    }
  }
}
