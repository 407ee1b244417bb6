import type { Stamp } from "#model/stamp.ts";

/** How many completed events are remembered, so that late records are known as such; a power of 2. */
const rememberedEvents = 32_768;
/** How many of them another process is told of. */
const savedStamps = 1_024;
/** Events of other nodes that are remembered. */
const rememberedOfNodes = 16_384;
/** Events that lost their place to one of another count, and are remembered elsewhere. */
const rememberedDisplaced = 4_096;
const savedDisplaced = 128;

/** A completed stamp: its serial, its time in milliseconds, its node, and how many documents it has. */
export type DoneStamp = readonly [serial: number, timeMs: number, node: string, part: number];

/**
 * Remembers which stamps were completed lately, and how many documents each has. Serials count up, so
 * each has its place in a table and pushes out the one that is as many events older.
 */
export class DoneStamps {
  readonly #serials = new Uint32Array(rememberedEvents);
  readonly #times = new Float64Array(rememberedEvents).fill(Number.NaN);
  readonly #parts = new Uint32Array(rememberedEvents);
  /** The places that were taken last, oldest first from `#next` on. */
  readonly #lately = new Int32Array(savedStamps).fill(-1);
  #next = 0;
  /** By serial; auditd's own records, which count by themselves, take places of the kernel's. */
  readonly #displaced = new Map<number, DoneStamp>();
  /** Other nodes count by themselves, so their serials would push out ours. */
  #ofNodes = new Map<string, DoneStamp>();
  #ofNodesBefore = new Map<string, DoneStamp>();

  /** The number of documents that a stamp has, 0 for a stamp that is new or long forgotten. */
  parts(stamp: Stamp): number {
    const { serial, node } = stamp;
    const timeMs = timeOf(stamp);
    if (node !== "") {
      const key = keyOf(serial, timeMs, node);
      return (this.#ofNodes.get(key) ?? this.#ofNodesBefore.get(key))?.[3] ?? 0;
    }
    const place = serial & (rememberedEvents - 1);
    const isSame = this.#serials[place] === serial && this.#times[place] === timeMs;
    if (isSame) return this.#parts[place] ?? 0;
    const displaced = this.#displaced.size === 0 ? undefined : this.#displaced.get(serial);
    return displaced?.[1] === timeMs ? displaced[3] : 0;
  }

  add(stamp: Stamp, part: number): void {
    this.remember([stamp.serial, timeOf(stamp), stamp.node, part]);
  }

  /** Takes a stamp that was completed here or by an earlier process. */
  remember(done: DoneStamp): void {
    const [serial, timeMs, node, part] = done;
    if (node !== "") {
      this.#rememberOfNode(done);
      return;
    }
    const place = serial & (rememberedEvents - 1);
    this.#displace(place, serial, timeMs);
    this.#serials[place] = serial;
    this.#times[place] = timeMs;
    this.#parts[place] = part;
    this.#lately[this.#next] = place;
    this.#next = (this.#next + 1) % savedStamps;
  }

  /** The last ones, oldest first, for another process to remember. */
  lately(): readonly DoneStamp[] {
    const stamps: DoneStamp[] = [];
    for (let i = 0; i < savedStamps; i++) {
      const place = this.#lately[(this.#next + i) % savedStamps] ?? -1;
      const [serial, timeMs, part] = [this.#serials[place], this.#times[place], this.#parts[place]];
      if (serial === undefined || timeMs === undefined || part === undefined) continue;
      stamps.push([serial, timeMs, "", part]);
    }
    return [
      ...[...this.#displaced.values()].slice(-savedDisplaced),
      ...stamps,
      ...[...this.#ofNodesBefore.values(), ...this.#ofNodes.values()].slice(-savedStamps),
    ];
  }

  /** Keeps what stands at a place, unless it is as old as what the place is for next. */
  #displace(place: number, serial: number, timeMs: number): void {
    const before = this.#serials[place];
    const timeBefore = this.#times[place];
    if (before === undefined || timeBefore === undefined || Number.isNaN(timeBefore)) return;
    if ((serial - before) >>> 0 === rememberedEvents) return;
    if (before === serial && timeBefore === timeMs) return;
    this.#displaced.set(before, [before, timeBefore, "", this.#parts[place] ?? 1]);
    if (this.#displaced.size <= rememberedDisplaced) return;
    const [oldest] = this.#displaced.keys();
    if (oldest !== undefined) this.#displaced.delete(oldest);
  }

  #rememberOfNode(done: DoneStamp): void {
    const [serial, timeMs, node] = done;
    this.#ofNodes.set(keyOf(serial, timeMs, node), done);
    if (this.#ofNodes.size < rememberedOfNodes) return;
    this.#ofNodesBefore = this.#ofNodes;
    this.#ofNodes = new Map();
  }
}

function timeOf({ seconds, milliseconds }: Stamp): number {
  return seconds * 1_000 + milliseconds;
}

function keyOf(serial: number, timeMs: number, node: string): string {
  return `${serial} ${timeMs} ${node}`;
}
