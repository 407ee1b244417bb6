import { type Sight, sightBetween } from "#model/visibility.ts";

const stepMs = 60_000;
const spanMs = 3_600_000;

/** Remembers, minute by minute, what was delivered and missed, to tell of the last hour. */
export class SightLog {
  readonly #samples: { readonly atMs: number; readonly sight: Sight }[] = [];

  /** Takes how it stands now; returns what came within the last hour, or since the first call. */
  lastHour(now: Sight, nowMs: number): Sight {
    const newest = this.#samples.at(-1);
    if (newest === undefined || nowMs - newest.atMs >= stepMs) {
      this.#samples.push({ atMs: nowMs, sight: now });
    }
    while ((this.#samples[1]?.atMs ?? Infinity) <= nowMs - spanMs) this.#samples.shift();
    return sightBetween(this.#samples[0]?.sight ?? now, now);
  }
}
