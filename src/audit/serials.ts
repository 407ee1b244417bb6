import type { LossEntry } from "#model/ledger.ts";
import { type Stamp, textOfStamp } from "#model/stamp.ts";

/** How far serials may come out of order before a missing one counts as lost. */
const window = 512;
/** A step that is longer, either way, is another count and no loss. */
const longestGap = 2 ** 24;
/** Hosts whose serials are followed; a log has those of one, or of a few behind a collector. */
const followedNodes = 64;

/** Where the count of one host is, for another tracker to go on with; plain JSON. */
export interface SerialCount {
  readonly node: string;
  /** The highest serial so far and its stamp; `null` before the first. */
  readonly highest: readonly [serial: number, text: string] | null;
  /** Serials that were passed over, each with the stamp that stood before it. */
  readonly missing: readonly (readonly [serial: number, text: string])[];
  /** A serial far behind the highest, which may have begun a new count; absent if there is none. */
  readonly stray?: number;
}

/**
 * Estimates how many events never reached the log, from the gaps in their serial numbers. auditd's
 * own records count by themselves and must not be shown to it.
 */
export class SerialTracker {
  readonly #nodes = new Map<string, NodeSerials>();
  #current: NodeSerials | undefined;
  #lost: LossEntry | undefined;

  /** Takes note of an event's stamp. */
  see(stamp: Stamp): void {
    if (this.#current?.node !== stamp.node) this.#current = this.#nodeOf(stamp.node);
    this.#current.see(stamp);
  }

  /** Ends the counts at hand: the next serials may be any. */
  restart(): void {
    for (const node of this.#nodes.values()) node.restart();
  }

  /** What is counted as lost; `undefined` if nothing is. */
  lost(): LossEntry | undefined {
    return this.#lost;
  }

  /** Where it is; what is counted as lost is not part of that. */
  state(): readonly SerialCount[] {
    return [...this.#nodes.values()].map((node) => node.state());
  }

  /** Goes on where another tracker was when it gave its state. */
  restore(counts: readonly SerialCount[]): void {
    for (const count of counts) this.#nodeOf(count.node).restore(count);
  }

  #nodeOf(name: string): NodeSerials {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#nodes.keys();
    if (oldest !== undefined && this.#nodes.size >= followedNodes) this.#nodes.delete(oldest);
    const node = new NodeSerials(name, (count, before) => this.#lose(count, before));
    this.#nodes.set(name, node);
    return node;
  }

  #lose(count: number, before: string): void {
    const events = (this.#lost?.events ?? 0) + count;
    this.#lost = {
      count: events,
      events,
      bytes: 0,
      first: this.#lost?.first ?? before,
      last: before,
    };
  }
}

/** The serials of one host. They count up on a ring: 4294967295 is followed by 0. */
class NodeSerials {
  readonly node: string;
  readonly #lose: (count: number, before: string) => void;
  /** The highest serial seen; -1 before the first and after the end of a count. */
  #highest = -1;
  /** Its stamp, or the text of it where another tracker saw it. */
  #highestStamp: Stamp | string = "";
  /** A serial far behind the highest: the next one tells a new count from a straggler. */
  #stray = -1;
  readonly #missing = new Map<number, string>();

  constructor(node: string, lose: (count: number, before: string) => void) {
    this.node = node;
    this.#lose = lose;
  }

  see(stamp: Stamp): void {
    const { serial } = stamp;
    const step = (serial - this.#highest) | 0;
    if (this.#highest < 0 || Math.abs(step) > longestGap) this.#begin(stamp);
    else if (step > 0) this.#goOn(stamp, step);
    else if (step > -2 * window) this.#missing.delete(serial);
    else if (this.#isNewCount(serial)) this.#begin(stamp);
    else this.#stray = serial;
  }

  restart(): void {
    this.#settle(0);
    this.#highest = -1;
  }

  state(): SerialCount {
    const highest = [this.#highest, this.#highestText()] as const;
    return {
      node: this.node,
      highest: this.#highest < 0 ? null : highest,
      missing: [...this.#missing],
      ...(this.#stray >= 0 && { stray: this.#stray }),
    };
  }

  restore({ highest, missing, stray }: SerialCount): void {
    [this.#highest, this.#highestStamp] = highest ?? [-1, ""];
    this.#stray = stray ?? -1;
    for (const [serial, text] of missing) this.#missing.set(serial, text);
  }

  #isNewCount(serial: number): boolean {
    const step = (serial - this.#stray) | 0;
    return this.#stray >= 0 && step > 0 && step <= window;
  }

  #highestText(): string {
    const stamp = this.#highestStamp;
    return typeof stamp === "string" ? stamp : textOfStamp(stamp);
  }

  #begin(stamp: Stamp): void {
    this.#settle(0);
    this.#stray = -1;
    this.#highest = stamp.serial;
    this.#highestStamp = stamp;
  }

  #goOn(stamp: Stamp, step: number): void {
    const waiting = Math.min(step - 1, window);
    const before = waiting > 0 ? this.#highestText() : "";
    if (step - 1 > waiting) {
      this.#settle(0);
      this.#lose(step - 1 - waiting, before);
    }
    for (let back = waiting; back > 0; back--) {
      this.#missing.set((stamp.serial - back) >>> 0, before);
    }
    this.#stray = -1;
    this.#highest = stamp.serial;
    this.#highestStamp = stamp;
    if (this.#missing.size > 0) this.#settle(window);
  }

  /** Gives up on the missing serials that are further behind than this. */
  #settle(furthest: number): void {
    for (const [serial, before] of this.#missing) {
      if (((this.#highest - serial) | 0) <= furthest) return;
      this.#missing.delete(serial);
      this.#lose(1, before);
    }
  }
}
