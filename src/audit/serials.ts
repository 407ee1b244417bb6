import type { LossEntry } from "#model/ledger.ts";
import type { Stamp } from "#model/stamp.ts";

/** How far serials may come out of order before a missing one counts as lost. */
const window = 512;
/** A step back by more than this is a new count, as after a boot. */
const restartStep = 2 ** 24;

/**
 * Estimates how many events never reached the log, from the gaps in their serial numbers. auditd's
 * own records count by themselves and must not be shown to it.
 */
export class SerialTracker {
  /** The highest serial seen; -1 before the first and after a restart of the count. */
  #highest = -1;
  #highestText = "";
  /** Serials that were passed over, with the stamp that stood before them. */
  readonly #missing = new Map<number, string>();
  #count = 0;
  #first = "";
  #last = "";

  /** Takes note of an event's stamp. */
  see({ serial, text }: Stamp): void {
    const step = serial - this.#highest;
    if (step === 1 || this.#highest < 0 || step < -restartStep) this.#restartAt(serial, text);
    else if (step > 1) this.#passOver(serial, text);
    else this.#missing.delete(serial);
  }

  /** Ends the count at hand: the next serial may be any. */
  restart(): void {
    this.#settle(Number.POSITIVE_INFINITY);
    this.#highest = -1;
  }

  /** What is counted as lost; `undefined` if nothing is. */
  lost(): LossEntry | undefined {
    if (this.#count === 0) return undefined;
    const { first, last } = { first: this.#first, last: this.#last };
    return { count: this.#count, events: this.#count, bytes: 0, first, last };
  }

  #restartAt(serial: number, text: string): void {
    if (serial - this.#highest !== 1) this.#settle(Number.POSITIVE_INFINITY);
    else if (this.#missing.size > 0) this.#settle(serial - window);
    this.#highest = serial;
    this.#highestText = text;
  }

  #passOver(serial: number, text: string): void {
    const before = this.#highestText;
    const far = Math.max(this.#highest + 1, serial - window);
    if (far > this.#highest + 1) this.#lose(far - this.#highest - 1, before);
    for (let missing = far; missing < serial; missing++) this.#missing.set(missing, before);
    this.#highest = serial;
    this.#highestText = text;
    this.#settle(serial - window);
  }

  /** Gives up on the missing serials below a bound. */
  #settle(bound: number): void {
    for (const [serial, before] of this.#missing) {
      if (serial >= bound) return;
      this.#missing.delete(serial);
      this.#lose(1, before);
    }
  }

  #lose(count: number, before: string): void {
    if (this.#count === 0) this.#first = before;
    this.#count += count;
    this.#last = before;
  }
}
