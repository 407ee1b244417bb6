import type { Fragment } from "./fragment.ts";
import { isBefore, isEarlier, type ProcessEntry } from "./process-entry.ts";

/** What a table of processes may hold. */
export interface RegistryLimits {
  readonly entries: number;
  /** Of descriptions. */
  readonly bytes: number;
}

const registryLimits: RegistryLimits = { entries: 16_384, bytes: 8 * 1_024 * 1_024 };

/** The greatest number of ancestors that are kept of a process. */
const greatestDepth = 64;
/** Entries among which children that were logged before their parent's exec are looked for. */
const reorderedEntries = 256;
const goneAfterMs = 60_000;
const forgottenAfterMs = 86_400_000;

/**
 * Holds the entries: one current entry a pid, and the parents for as long as an entry that is held
 * names them. Counts them and their bytes, and drops the least recently seen at a limit.
 */
export class ProcessRegistry {
  count = 0;
  bytes = 0;
  readonly #limits: RegistryLimits;
  readonly #current = new Map<number, ProcessEntry>();
  readonly #latest: ProcessEntry[] = [];
  #next = 0;

  constructor(limits: RegistryLimits = registryLimits) {
    this.#limits = limits;
  }

  find(pid: number): ProcessEntry | undefined {
    return this.#current.get(pid);
  }

  current(): Iterable<ProcessEntry> {
    return this.#current.values();
  }

  /** Makes an entry what its pid runs now. A parent or previous it has is counted from here on. */
  add(entry: ProcessEntry): void {
    const replaced = this.#current.get(entry.pid);
    entry.isCurrent = true;
    this.#current.set(entry.pid, entry);
    this.#countIn(entry);
    if (replaced !== undefined && replaced !== entry) this.#retire(replaced);
    this.#latest[this.#next] = entry;
    this.#next = (this.#next + 1) % reorderedEntries;
  }

  setParent(entry: ProcessEntry, parent: ProcessEntry): void {
    if (entry.parent === parent || isAncestor(entry, parent)) return;
    const former = entry.parent;
    entry.parent = parent;
    if (!entry.isCounted) return;
    this.#use(parent);
    this.#deepen(entry, parent);
    if (former !== undefined) this.#release(former);
  }

  /**
   * Keeps what a process ran before. Only one such image is kept, for itself alone: it counts in
   * bytes, and neither holds others nor is held by being named here.
   */
  setPrevious(entry: ProcessEntry, previous: ProcessEntry): void {
    if (entry.isCounted) this.bytes += sizeOf(previous) - sizeOf(entry.previous);
    if (previous.isCounted) this.bytes -= sizeOf(previous.previous);
    previous.previous = undefined;
    entry.previous = previous;
  }

  setDescription(entry: ProcessEntry, description: Fragment): void {
    if (entry.isCounted) this.bytes += description.text.length - entry.description.text.length;
    entry.description = description;
  }

  /** Gives children to the image that ran when they began: its exec was logged after theirs. */
  passChildren(from: ProcessEntry, to: ProcessEntry): void {
    if (!isEarlier(to, from.lastChildMs, from.lastChildSerial)) return;
    for (const child of this.#latest) {
      if (
        child?.isCounted &&
        child.parent === from &&
        child.ppid === to.pid &&
        isBefore(to, child)
      ) {
        to.lastChildMs = from.lastChildMs;
        to.lastChildSerial = from.lastChildSerial;
        this.setParent(child, to);
      }
    }
  }

  /** At a limit, drops what was least recently seen, an eighth of all. */
  makeRoom(): void {
    if (this.#isWithin(1)) return;
    for (const entry of this.#current.values()) {
      // What goes back to the end is met once more, and is no longer recent then.
      this.#current.delete(entry.pid);
      if (entry.isRecent) {
        entry.isRecent = false;
        this.#current.set(entry.pid, entry);
      } else this.#retire(entry);
      if (this.#isWithin(7 / 8)) return;
    }
  }

  /** Drops what is gone. Time is that of the log: while it lags or is silent, nothing grows old. */
  expire(live: ReadonlySet<number> | undefined): void {
    let latestMs = Number.NEGATIVE_INFINITY;
    for (const { seenMs } of this.#current.values()) latestMs = Math.max(latestMs, seenMs);
    for (const entry of this.#current.values()) {
      const idleMs = latestMs - entry.seenMs;
      const isGone =
        live === undefined
          ? idleMs > forgottenAfterMs && entry.users === 0
          : idleMs > goneAfterMs && !live.has(entry.pid);
      if (!isGone) continue;
      this.#current.delete(entry.pid);
      this.#retire(entry);
    }
  }

  #isWithin(share: number): boolean {
    return this.count < this.#limits.entries * share && this.bytes < this.#limits.bytes * share;
  }

  #countIn(entry: ProcessEntry): void {
    entry.isCounted = true;
    this.count++;
    this.bytes += sizeOf(entry) + sizeOf(entry.previous);
    if (entry.parent !== undefined) {
      this.#use(entry.parent);
      this.#deepen(entry, entry.parent);
    }
  }

  /** An entry that was made for one event only gets into the books when another one names it. */
  #use(entry: ProcessEntry): void {
    entry.users++;
    if (!entry.isCounted) this.#countIn(entry);
  }

  #retire(entry: ProcessEntry): void {
    entry.isCurrent = false;
    this.#dropUnused(entry);
  }

  #release(entry: ProcessEntry): void {
    entry.users--;
    this.#dropUnused(entry);
  }

  /** Drops an entry that nothing names any more, and then its ancestors if it was their last. */
  #dropUnused(first: ProcessEntry): void {
    let entry: ProcessEntry | undefined = first;
    while (entry?.isCounted && !entry.isCurrent && entry.users === 0) {
      entry.isCounted = false;
      this.count--;
      this.bytes -= sizeOf(entry) + sizeOf(entry.previous);
      const { parent }: ProcessEntry = entry;
      entry.parent = undefined;
      entry.previous = undefined;
      if (parent !== undefined) parent.users--;
      entry = parent;
    }
  }

  /** Keeps the line of ancestors short: beyond the greatest depth its oldest end is let go. */
  #deepen(entry: ProcessEntry, parent: ProcessEntry): void {
    entry.depth = parent.depth + 1;
    if (entry.depth <= greatestDepth) return;
    entry.depth = greatestDepth;
    let oldest: ProcessEntry | undefined = entry;
    for (let step = 1; step < greatestDepth; step++) oldest = oldest?.parent;
    const cut = oldest?.parent;
    if (oldest === undefined || cut === undefined) return;
    oldest.parent = undefined;
    this.#release(cut);
  }
}

/** Whether an entry is another one or among its ancestors. */
function isAncestor(entry: ProcessEntry, other: ProcessEntry): boolean {
  let ancestor: ProcessEntry | undefined = other;
  while (ancestor !== undefined && ancestor !== entry) ancestor = ancestor.parent;
  return ancestor !== undefined;
}

function sizeOf(entry: ProcessEntry | undefined): number {
  return entry === undefined ? 0 : entry.description.text.length;
}
