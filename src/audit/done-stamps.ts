import type { Stamp } from "#model/stamp.ts";

/** How many completed events are remembered at least, so that late records are known as such. */
const rememberedEvents = 16_384;
/** How many of them another process is told of. */
const savedStamps = 1_024;

/** Remembers which stamps were completed lately, and how many documents each has. */
export class DoneStamps {
  #recent = new StampTable();
  #older = new StampTable();
  /** The last ones in order; at its end there are at least `savedStamps`, if there were so many. */
  #lately: DoneStamp[] = [];

  /** The number of documents that a stamp has, 0 for a stamp that is new or long forgotten. */
  parts(stamp: Stamp, key: string): number {
    return this.#recent.get(stamp.serial, key) ?? this.#older.get(stamp.serial, key) ?? 0;
  }

  add(serial: number, key: string, part: number): void {
    const done: DoneStamp = [serial, key, part];
    this.#recent.set(done);
    this.#lately.push(done);
    if (this.#lately.length >= 2 * savedStamps) this.#lately = this.#lately.slice(-savedStamps);
    if (this.#recent.size < rememberedEvents) return;
    this.#older = this.#recent;
    this.#recent = new StampTable();
  }

  /** The last ones, oldest first, for another process to remember. */
  lately(): readonly DoneStamp[] {
    return this.#lately.slice(-savedStamps);
  }
}

/** A completed stamp: serial, stamp and node as logged, number of documents. */
export type DoneStamp = readonly [serial: number, key: string, part: number];

/** Parts by stamp. Serials tell nearly all stamps apart; numbers are looked up faster than texts. */
class StampTable {
  readonly #bySerial = new Map<number, DoneStamp>();
  readonly #byKey = new Map<string, DoneStamp>();

  get size(): number {
    return this.#bySerial.size + this.#byKey.size;
  }

  get(serial: number, key: string): number | undefined {
    const done = this.#bySerial.get(serial | 0);
    if (done !== undefined && done[1] === key) return done[2];
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(key)?.[2];
  }

  set(done: DoneStamp): void {
    const [serial, key] = done;
    const taken = this.#bySerial.get(serial | 0);
    if (taken === undefined || taken[1] === key) this.#bySerial.set(serial | 0, done);
    else this.#byKey.set(key, done);
  }
}
