import { isSameStamp, type Stamp } from "#model/stamp.ts";
import type { OpenEvent } from "./assembler.ts";

const places = 2 ** 32;

/** Open events by stamp, in the order they were opened. */
export class OpenEvents {
  /**
   * By serial, plus a multiple of 2^32 for each further event with the same one: numbers are looked
   * up faster than texts.
   */
  readonly #events = new Map<number, OpenEvent>();
  #furthest = 0;

  get size(): number {
    return this.#events.size;
  }

  get(stamp: Stamp): OpenEvent | undefined {
    for (let place = 0; place <= this.#furthest; place++) {
      const event = this.#events.get(stamp.serial + place * places);
      if (event !== undefined && isSameStamp(event.stamp, stamp)) return event;
    }
    return undefined;
  }

  add(event: OpenEvent): void {
    if (this.#events.size === 0) this.#furthest = 0;
    let place = 0;
    while (this.#events.has(event.stamp.serial + place * places)) place++;
    event.place = event.stamp.serial + place * places;
    this.#events.set(event.place, event);
    if (place > this.#furthest) this.#furthest = place;
  }

  delete(event: OpenEvent): void {
    this.#events.delete(event.place);
  }

  /** Oldest first; events may be deleted on the way. */
  values(): MapIterator<OpenEvent> {
    return this.#events.values();
  }
}
