import type { Stamp } from "#model/stamp.ts";
import { EOE, OTHER, PROCTITLE } from "./core/lines.ts";
import { type DoneStamp, DoneStamps } from "./done-stamps.ts";
import type { Line } from "./line.ts";
import { OpenEvents } from "./open-events.ts";
import { endsAlone } from "./record-class.ts";

/** How long an event may wait for its rest. Source: auditd.conf(5), `end_of_event_timeout`. */
const timeoutMs = 2_000;
/** How long, or for how many lines, a user-space record waits for kernel records of its stamp. */
const graceMs = 250;
const graceLines = 64;
/** A step of the log's own clock that says "somebody set the clock", not "time went by". */
const clockStepMs = 3_600_000;

/** What an assembler may hold. */
export interface AssemblerLimits {
  readonly events: number;
  readonly bytes: number;
  readonly bytesPerEvent: number;
}

export const assemblerLimits: AssemblerLimits = {
  events: 4_096,
  bytes: 16 * 1_024 * 1_024,
  bytesPerEvent: 1_024 * 1_024,
};

/** Why an event was completed otherwise than by its last record. */
export type Completion = "whole" | "timeout" | "overflow" | "end";

/** Where the log's clock stands, and what is known of the open events beside their lines, oldest first. */
export interface AssemblerClock {
  readonly streamMs: number;
  readonly progressMs: number;
  readonly lineCount: number;
  readonly events: readonly SavedEvent[];
}

/** An open event for another assembler to go on with. What is absent is as usual. */
export interface SavedEvent {
  readonly openedProgressMs: number;
  /** -1 for an event that waits for no grace. */
  readonly graceEnd: number;
  readonly part?: number;
  readonly omittedLines?: number;
  /** Which of its lines were cut, counted from 0. */
  readonly cutLines?: readonly number[];
}

/** All records of one stamp that came so far. */
export class OpenEvent {
  readonly stamp: Stamp;
  /** 1 for the first document of a stamp, 2 and up for records that came after it was written. */
  readonly part: number;
  readonly lines: Line[] = [];
  sizeBytes = 0;
  /** Lines that were left out because the event was at its limit. */
  omittedLines = 0;
  readonly openedMs: number;
  openedProgressMs: number;
  /** Where it stands among the open events. */
  place = 0;
  /** Whether it still takes lines. */
  isOpen = true;
  /** The line count at which a user-space record has waited long enough. */
  graceEnd = Number.POSITIVE_INFINITY;

  constructor(stamp: Stamp, part: number, openedMs: number, openedProgressMs: number) {
    this.stamp = stamp;
    this.part = part;
    this.openedMs = openedMs;
    this.openedProgressMs = openedProgressMs;
  }
}

/**
 * Gathers interleaved records into events. It does no I/O and keeps no clock: the caller says what
 * time it is, so a test replays an hour of log in a millisecond.
 */
export class Assembler {
  readonly #limits: AssemblerLimits;
  readonly #complete: (event: OpenEvent, how: Completion) => void;
  readonly #open = new OpenEvents();
  readonly #waiting: OpenEvent[] = [];
  readonly #done = new DoneStamps();
  #sizeBytes = 0;
  #lineCount = 0;
  #streamMs = 0;
  #progressMs = 0;

  constructor(
    complete: (event: OpenEvent, how: Completion) => void,
    limits: AssemblerLimits = assemblerLimits,
  ) {
    this.#complete = complete;
    this.#limits = limits;
  }

  /** Finds the open event of a stamp or opens one. */
  eventOf(stamp: Stamp, nowMs: number): OpenEvent {
    const known = this.#open.get(stamp);
    if (known !== undefined) return known;
    this.#advance(stamp);
    if (this.#open.size >= this.#limits.events) this.#completeOldest();
    const part = this.#done.parts(stamp) + 1;
    const event = new OpenEvent(stamp, part, nowMs, this.#progressMs);
    this.#open.add(event);
    return event;
  }

  /**
   * Adds a line to an event that `eventOf` gave, and completes the event if it was the last one.
   * Returns false if the line was left out because the event is at its limit; the first never is.
   */
  add(event: OpenEvent, line: Line): boolean {
    this.#lineCount++;
    const sizeBytes = line.end - line.start + 1;
    const isFirst = event.lines.length === 0;
    const fits = isFirst || event.sizeBytes + sizeBytes <= this.#limits.bytesPerEvent;
    if (fits) {
      event.lines.push(line);
      event.sizeBytes += sizeBytes;
      this.#sizeBytes += sizeBytes;
    } else event.omittedLines++;
    if (line.type === PROCTITLE || line.type === EOE) this.#finish(event, "whole");
    else if (line.type === OTHER && event.graceEnd === Number.POSITIVE_INFINITY)
      this.#hold(event, line);
    while (this.#sizeBytes > this.#limits.bytes) this.#completeOldest();
    if (this.#waiting.length > 0) this.#endGrace();
    return fits;
  }

  /** Whether a stamp's event was completed not long ago, and no more of it has come since. */
  isDone(stamp: Stamp): boolean {
    return this.#open.get(stamp) === undefined && this.#done.parts(stamp) > 0;
  }

  /** Completes the events whose time is over by the wall clock. */
  tick(nowMs: number): void {
    for (const event of this.#open.values()) {
      const waitMs = nowMs - event.openedMs;
      if (waitMs >= timeoutMs) this.#finish(event, "timeout");
      else if (waitMs >= graceMs && event.graceEnd !== Number.POSITIVE_INFINITY) {
        this.#finish(event, "whole");
      }
    }
  }

  /** Completes all events: no more lines will come. */
  end(): void {
    for (const event of this.#open.values()) this.#finish(event, "end");
  }

  /** Lines of open events and their bytes. */
  held(): { readonly lines: number; readonly bytes: number } {
    const open = [...this.#open.values()];
    return {
      lines: open.reduce((sum, event) => sum + event.lines.length, 0),
      bytes: open.reduce((sum, event) => sum + event.sizeBytes, 0),
    };
  }

  /** Where the clock stands, and the open events but for their lines. */
  clock(): AssemblerClock {
    const events = [...this.#open.values()].map(save);
    const [streamMs, progressMs, lineCount] = [this.#streamMs, this.#progressMs, this.#lineCount];
    return { streamMs, progressMs, lineCount, events };
  }

  /** Sets the log's clock to where another assembler's was. */
  startClock({ streamMs, progressMs, lineCount }: AssemblerClock): void {
    this.#streamMs = streamMs;
    this.#progressMs = progressMs;
    this.#lineCount = lineCount;
  }

  /**
   * Takes a line of an event that another assembler had open, the oldest event's first. Neither does
   * time go by for it, nor does it complete anything.
   */
  resume(stamp: Stamp, line: Line, { events }: AssemblerClock, nowMs: number): void {
    const known = this.#open.get(stamp);
    const saved = events[known === undefined ? this.#open.size : this.#open.size - 1];
    const event = known ?? this.#reopen(stamp, saved, nowMs);
    line.isCut = saved?.cutLines?.includes(event.lines.length) ?? false;
    const sizeBytes = line.end - line.start + 1;
    event.lines.push(line);
    event.sizeBytes += sizeBytes;
    this.#sizeBytes += sizeBytes;
  }

  /** The events that wait for more lines, oldest first. */
  openEvents(): IterableIterator<OpenEvent> {
    return this.#open.values();
  }

  /** Stamps completed lately and their part, oldest first. */
  doneLately(): readonly DoneStamp[] {
    return this.#done.lately();
  }

  /** Remembers stamps that an earlier process completed. */
  rememberDone(done: readonly DoneStamp[]): void {
    for (const each of done) this.#done.remember(each);
  }

  #reopen(stamp: Stamp, saved: SavedEvent | undefined, nowMs: number): OpenEvent {
    const part = saved?.part ?? this.#done.parts(stamp) + 1;
    const event = new OpenEvent(stamp, part, nowMs, saved?.openedProgressMs ?? this.#progressMs);
    event.omittedLines = saved?.omittedLines ?? 0;
    this.#open.add(event);
    if (saved === undefined || saved.graceEnd < 0) return event;
    event.graceEnd = saved.graceEnd;
    // Events wait for their grace in the order in which it began, not in that of their first lines.
    this.#waiting.push(event);
    this.#waiting.sort((a, b) => a.graceEnd - b.graceEnd);
    return event;
  }

  #hold(event: OpenEvent, line: Line): void {
    const end = endsAlone(line.typeName);
    if (end === "at-once") this.#finish(event, "whole");
    else if (end === "after-grace") {
      event.graceEnd = this.#lineCount + graceLines;
      this.#waiting.push(event);
    }
  }

  #endGrace(): void {
    for (let event = this.#waiting[0]; event !== undefined; event = this.#waiting[0]) {
      if (event.graceEnd > this.#lineCount && event.isOpen) return;
      this.#waiting.shift();
      if (event.isOpen) this.#finish(event, "whole");
    }
  }

  #completeOldest(): void {
    const oldest = this.#open.values().next().value;
    if (oldest !== undefined) this.#finish(oldest, "overflow");
  }

  #finish(event: OpenEvent, how: Completion): void {
    event.isOpen = false;
    this.#open.delete(event);
    this.#sizeBytes -= event.sizeBytes;
    this.#done.add(event.stamp, event.part);
    this.#complete(event, how);
  }

  /** Follows the log's own clock and completes what it has left behind. */
  #advance({ seconds, milliseconds }: Stamp): void {
    const timeMs = seconds * 1_000 + milliseconds;
    const stepMs = timeMs - this.#streamMs;
    if (stepMs > 0 && stepMs < clockStepMs) this.#progressMs += stepMs;
    if (stepMs > 0 || stepMs < -clockStepMs) this.#streamMs = timeMs;
    if (stepMs <= 0 || this.#open.size === 0) return;
    for (const event of this.#open.values()) {
      if (this.#progressMs - event.openedProgressMs < timeoutMs) return;
      this.#finish(event, "timeout");
    }
  }
}

function save({ openedProgressMs, graceEnd, part, omittedLines, lines }: OpenEvent): SavedEvent {
  const cutLines = lines.flatMap(({ isCut }, index) => (isCut ? [index] : []));
  return {
    openedProgressMs,
    graceEnd: Number.isFinite(graceEnd) ? graceEnd : -1,
    ...(part > 1 && { part }),
    ...(omittedLines > 0 && { omittedLines }),
    ...(cutLines.length > 0 && { cutLines }),
  };
}
