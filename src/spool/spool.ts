import { claimDirectory, locked } from "./claim.ts";
import { isSystemError, remove, statDirectory } from "./files.ts";
import {
  type BatchContent,
  maxContentBytes,
  renderSegmentHeader,
  sealBatch,
  segmentHeaderLength,
} from "./frame.ts";
import { segmentPath, sizeOf } from "./layout.ts";
import type { Lock } from "./lock.ts";
import { OwnCursors } from "./own-cursors.ts";
import { addLoss, type Cursor, type Losses, origin, type Place } from "./place.ts";
import {
  type Damage,
  type QuarantineLimit,
  quarantine,
  surveyWreck,
  trimQuarantine,
} from "./quarantine.ts";
import { SpoolReader } from "./reader.ts";
import { type KeptSegment, recover, wreckLoss } from "./recovery.ts";
import { refused } from "./refusal.ts";
import { readFreeBytes, tooLittleSpace, unreadBytes, unreadLoss } from "./retention.ts";
import { Tail } from "./tail.ts";

/** How a spool is kept. */
export interface SpoolSettings {
  readonly directory: string;
  /** What all segments and the quarantine may take together; at least 64 KiB. */
  readonly maxBytes: number;
  /** Size at which a segment is closed; at most a quarter of `maxBytes` is used. */
  readonly segmentBytes: number;
  /** What must stay free on the file system. */
  readonly freeFloorBytes: number;
  /** Of zstd: 1 is the fastest. */
  readonly compressionLevel: number;
  /** A reader that is to have everything, even if it has not come yet. */
  readonly expectedReader?: string | undefined;
}

const minimumBytes = 65_536;
const quarantineFiles = 16;

/**
 * The durable queue of sealed batches: one writer, any number of readers.
 *
 * What `append` returned for survives the process, the machine and a full disk, until every reader had it
 * or the byte budget is spent.
 */
export class Spool {
  readonly #settings: SpoolSettings;
  readonly #quarantineLimit: QuarantineLimit;
  #lock: Lock;
  #inode: number;
  #segments: KeptSegment[];
  #head: Place;
  #tail: Tail | undefined;
  #note: Uint8Array | undefined;
  #losses: Losses;
  #cutBytes: number;
  #quarantineBytes: number;
  /** Segments whose damage is counted, for one that cannot be cut is met again. */
  readonly #damaged = new Set<string>();
  readonly #cursors: OwnCursors;

  private constructor(settings: SpoolSettings, lock: Lock, inode: number) {
    const { directory, maxBytes } = settings;
    this.#settings = { ...settings, segmentBytes: Math.min(settings.segmentBytes, maxBytes / 4) };
    this.#quarantineLimit = { bytes: maxBytes / 8, files: quarantineFiles };
    this.#cursors = new OwnCursors(settings.expectedReader);
    this.#inode = inode;
    this.#lock = lock;
    const found = recover(directory, this.#quarantineLimit);
    this.#segments = found.segments;
    this.#head = found.head;
    this.#note = found.note;
    this.#losses = found.losses;
    this.#cutBytes = found.cutBytes;
    this.#tail = found.tail && Tail.reopen(found.tail.path, found.tail.end);
    this.#quarantineBytes = trimQuarantine(directory, this.#quarantineLimit);
  }

  /**
   * Opens a spool for writing and makes its directory if there is none.
   * Throws `spool.locked` if another process writes to it, `spool.unusable` if the directory will not do.
   */
  static open(settings: SpoolSettings): Spool {
    if (settings.maxBytes < minimumBytes) {
      throw new RangeError(`Cannot open spool: current value of maxBytes is ${settings.maxBytes}`);
    }
    const { directory } = settings;
    return refused(`open spool ${directory}`, "writer", () => {
      const inode = claimDirectory(directory);
      return locked(directory, (lock) => new Spool(settings, lock, inode));
    });
  }

  /** The place after the newest batch. */
  get head(): Place {
    return this.#head;
  }

  /** The place before the oldest batch that is still here. */
  get oldest(): Place {
    const [segment] = this.#segments;
    if (segment === undefined) return this.#head;
    return segment.before ?? { ...origin, sequence: segment.first - 1 };
  }

  /** Note of the newest batch; `undefined` if there is no batch. */
  get note(): Uint8Array | undefined {
    return this.#note;
  }

  /** What was lost since the spool was opened, by reason. */
  get losses(): Losses {
    return this.#losses;
  }

  /** Bytes of appends that a crash had cut short: nothing that was acknowledged. */
  get cutBytes(): number {
    return this.#cutBytes;
  }

  /** Bytes of the segments and the quarantine. */
  get sizeBytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, this.#quarantineBytes);
  }

  /** The share of the budget that a reader still needs; 0 if even the whole spool is below `least`. */
  unreadShare(least: number): number {
    const { directory, maxBytes } = this.#settings;
    if (this.sizeBytes < maxBytes * least) return 0;
    return unreadBytes(this.#cursors.slowest(directory), this.#segments) / maxBytes;
  }

  /**
   * Seals a batch and makes it durable; returns its place.
   *
   * Throws `spool.unusable` if it cannot be written now: the batch is then not in the spool, and the same call
   * may be made again. A batch beyond `maxContentBytes` or a quarter of the budget is a bug of the caller.
   */
  append(content: BatchContent): Place {
    if (content.documents.length > maxContentBytes || content.note.length > maxContentBytes) {
      throw new RangeError(`Cannot append batch: its size is ${content.documents.length} bytes`);
    }
    const { compressionLevel, directory, maxBytes } = this.#settings;
    const what = `write to spool ${directory}`;
    refused(what, "writer", () => this.#reattach());
    const { frame, after } = sealBatch(content, this.#head, compressionLevel);
    if (frame.length > maxBytes / 4) {
      throw new RangeError(`Cannot append batch: its size is ${frame.length} bytes, compressed`);
    }
    refused(what, "writer", () => this.#commit(frame));
    this.#head = after;
    this.#note = content.note.slice();
    return after;
  }

  /** Opens a reader within the writer's process: it sees what is durable, and damage it finds is set aside. */
  reader(): SpoolReader {
    return SpoolReader.open({
      directory: this.#settings.directory,
      committed: () => this.#head.sequence,
      onDamage: (damage) => this.setAside(damage),
    });
  }

  /** Notes how far a reader of this process has come: what it had may go from now on. */
  advance(name: string, cursor: Cursor): void {
    this.#cursors.set(name, cursor);
  }

  /**
   * Puts on disk how far the readers of this process have come. A crash takes them back to where they
   * were the last time. Throws `spool.unusable` if it cannot be written now.
   */
  saveCursors(): void {
    this.#cursors.save(this.#settings.directory);
  }

  /** Counts what lies behind a damage as lost and moves it to the quarantine. */
  setAside(damage: Damage): void {
    const index = this.#segments.findIndex(({ path }) => path === damage.path);
    const segment = this.#segments[index];
    if (segment === undefined || this.#damaged.has(damage.path)) return;
    this.#damaged.add(damage.path);
    if (this.#tail?.path === damage.path) this.#retireTail();
    const next = this.#segments[index + 1];
    const wreck = surveyWreck(damage);
    const last = next === undefined ? this.#head.sequence : next.first - 1;
    const { documents } = (next === undefined ? this.#head : next.before) ?? wreck;
    const start = damage.before.hash === origin.hash ? segment.before : damage.before;
    const events = start === undefined ? wreck.events : Math.max(0, documents - start.documents);
    const loss = wreckLoss(damage.before, { last, documents, events, bytes: wreck.bytes });
    this.#losses = addLoss(this.#losses, "corrupt_segment", loss);
    const span = { first: damage.before.sequence + 1, last, documents };
    try {
      quarantine(damage, span, this.#quarantineLimit);
    } catch (error) {
      // It stays where it is: readers pass over it.
      if (!isSystemError(error)) throw error;
    }
    segment.bytes = sizeOf(segment.path);
    this.#segments = this.#segments.filter(({ bytes }) => bytes > 0);
    const { directory } = this.#settings;
    this.#quarantineBytes = trimQuarantine(directory, this.#quarantineLimit);
  }

  /** Closes the spool and lets another writer have it. */
  close(): void {
    this.#cursors.trySave(this.#settings.directory);
    this.#retireTail();
    this.#lock.release();
  }

  #commit(frame: Buffer): void {
    this.#tail?.mend();
    this.#makeRoom(frame.length + segmentHeaderLength);
    for (;;) {
      try {
        this.#write(frame);
        return;
      } catch (error) {
        this.#tail?.mend();
        if (!isSystemError(error, "ENOSPC", "EDQUOT") || !this.#removeOldest("read")) throw error;
      }
    }
  }

  #write(frame: Buffer): void {
    const { directory, segmentBytes } = this.#settings;
    const fits = (this.#tail?.end ?? 0) + frame.length <= segmentBytes;
    if (!fits || this.#tail?.isUsable() !== true) this.#retireTail();
    const newest = this.#segments.at(-1);
    if (this.#tail !== undefined && newest !== undefined) {
      this.#tail.append(frame);
      newest.bytes = this.#tail.end;
      return;
    }
    const before = this.#head;
    const first = before.sequence + 1;
    const path = segmentPath(directory, first);
    // What may lie there is a segment whose creation failed: it never had an acknowledged batch.
    remove(path);
    this.#tail = Tail.create(path, Buffer.concat([renderSegmentHeader(before), frame]));
    this.#segments.push({ path, first, bytes: this.#tail.end, before });
  }

  #retireTail(): void {
    this.#tail?.close();
    this.#tail = undefined;
  }

  /** Finds out whether the directory is still the one that was opened, and goes on in a new one if it is gone. */
  #reattach(): void {
    const { directory } = this.#settings;
    if (statDirectory(directory)?.ino === this.#inode) return;
    const gone = { first: this.#segments[0]?.first, before: this.#segments[0]?.before };
    const bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const end = this.#head;
    const inode = claimDirectory(directory);
    const found = locked(directory, (lock) => {
      this.#lock = lock;
      return recover(directory, this.#quarantineLimit);
    });
    this.#retireTail();
    this.#inode = inode;
    this.#segments = found.segments;
    if (found.head.sequence > this.#head.sequence) this.#head = found.head;
    if (gone.first === undefined) return;
    const before = gone.before ?? { ...end, sequence: gone.first - 1 };
    const { sequence: last, documents } = end;
    const events = documents - before.documents;
    const loss = wreckLoss(before, { last, documents, events, bytes });
    this.#losses = addLoss(this.#losses, "corrupt_segment", loss);
  }

  #makeRoom(needBytes: number): void {
    const { directory, maxBytes, freeFloorBytes } = this.#settings;
    while (this.sizeBytes + needBytes > maxBytes && this.#removeOldest("any"));
    while (readFreeBytes(directory) - needBytes < freeFloorBytes)
      if (!this.#removeOldest("read")) throw tooLittleSpace();
  }

  /** Removes the oldest segment, but never the newest; false if none may go. Needs no space. */
  #removeOldest(which: "any" | "read"): boolean {
    const { directory } = this.#settings;
    const [oldest, next] = this.#segments;
    if (oldest === undefined || next === undefined) return false;
    const last = next.first - 1;
    const slowest = this.#cursors.slowest(directory);
    const loss = unreadLoss(slowest, { ...oldest, last, after: next.before });
    if (which === "read" && loss !== undefined) return false;
    // What was read must not count as lost after a crash.
    this.#cursors.trySave(directory);
    remove(oldest.path);
    this.#segments.shift();
    if (loss !== undefined) this.#losses = addLoss(this.#losses, "spool_full", loss);
    return true;
  }
}
