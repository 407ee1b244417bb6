import type { ProcessContext } from "#model/enrich.ts";
import type { Fragment } from "./fragment.ts";

/** How far apart records of concurrent events may be logged, out of order. */
const reorderWindowMs = 10_000;
/** How much boot time and the log's clock may differ: /proc counts start times from boot. */
export const clockSlackMs = 2_000;

/** When something happened, in the log's own order. */
export interface Moment {
  readonly timeMs: number;
  readonly serial: number;
}

/** Whether one moment is before another. */
export function isBefore(one: Moment, other: Moment): boolean {
  return isEarlier(one, other.timeMs, other.serial);
}

/** The same for a moment in two numbers. Serials count up and wrap at 2^32. */
export function isEarlier(one: Moment, timeMs: number, serial: number): boolean {
  return one.timeMs === timeMs ? ((one.serial - serial) | 0) < 0 : one.timeMs < timeMs;
}

/** One process image in the table. The table alone changes it. */
export class ProcessEntry implements ProcessContext, Moment {
  readonly pid: number;
  readonly entityId: string;
  /** -1 as long as it is unknown. */
  ppid: number;
  description: Fragment;
  /** When the image began, as far as known. */
  timeMs: number;
  serial: number;
  /** An exec began it; else it was met running. */
  isExec = false;
  /** It is from /proc and no event has spoken of it. */
  isSeed = false;
  /** Start of the process in clock ticks since boot; -1 if unknown. */
  startTicks = -1;
  /** It is pid 1 of its pid namespace: orphans become its children. */
  isInit: boolean;
  containerId: string | undefined;
  unit: string | undefined;
  isContained = false;
  parent: ProcessEntry | undefined;
  previous: ProcessEntry | undefined;
  /** The greatest distance to an ancestor. */
  depth = 0;
  /** The latest moment at which a child of it began. */
  lastChildMs = Number.NEGATIVE_INFINITY;
  lastChildSerial = 0;
  /** It is what its pid runs now. */
  isCurrent = false;
  /** Entries that name it as parent or as previous. */
  users = 0;
  /** It counts in the table's books. */
  isCounted = false;
  /** It was seen again since the table last looked for something to drop. */
  isRecent = false;
  seenMs: number;

  constructor(
    pid: number,
    ppid: number,
    entityId: string,
    description: Fragment,
    timeMs: number,
    serial: number,
  ) {
    this.pid = pid;
    this.ppid = ppid;
    this.entityId = entityId;
    this.description = description;
    this.timeMs = timeMs;
    this.serial = serial;
    this.seenMs = timeMs;
    this.isInit = pid === 1;
  }

  get fragment(): string {
    return this.description.text;
  }
}

/** Whether an entry from /proc began after the event: then the event's process was another. */
export function isStaleSeed(entry: ProcessEntry, moment: Moment): boolean {
  return entry.isSeed && entry.timeMs > moment.timeMs + clockSlackMs;
}

/** Whether an event is of the time before an entry began, and is not the work of a clock set back. */
export function isLate(entry: ProcessEntry, moment: Moment): boolean {
  return (
    !entry.isSeed && isBefore(moment, entry) && entry.timeMs - moment.timeMs <= reorderWindowMs
  );
}
