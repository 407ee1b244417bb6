const periodMs = 60_000;

/** Says how many lines that are no records may still be delivered in this period. */
export class Quarantine {
  readonly #linesPerMinute: number;
  #periodStartMs = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(linesPerMinute: number) {
    this.#linesPerMinute = linesPerMinute;
  }

  /** Takes one line's place; false if the allowance is spent. */
  admit(nowMs: number): boolean {
    // A clock that was set back begins another period, too.
    if (Math.abs(nowMs - this.#periodStartMs) >= periodMs) {
      this.#periodStartMs = nowMs;
      this.#taken = 0;
    }
    this.#taken++;
    return this.#taken <= this.#linesPerMinute;
  }
}
