import type { ConsoleStatus } from "#model/console.ts";
import type { Cursor } from "#spool/place.ts";
import type { Spool } from "#spool/spool.ts";

/** What delivery is measured at. */
export interface LagFacts {
  readonly spool: Pick<Spool, "head" | "oldest" | "sizeBytes">;
  /** The last batch that the console took. */
  readonly cursor: Cursor;
  /** Time of the oldest event that is not delivered, where one is at hand. */
  readonly oldestMs: number | undefined;
  readonly timeMs: number;
}

/** The reader of the spool that delivers to the console. */
export const consoleReader = "console";

/** Tells how far delivery is behind. What the spool dropped is not waited for. */
export function lagOf({ spool, cursor, oldestMs, timeMs }: LagFacts): ConsoleStatus["lag"] {
  const { head, oldest, sizeBytes } = spool;
  const held = Math.max(head.documents - oldest.documents, 0);
  const events = Math.min(Math.max(head.documents - cursor.documents, 0), held);
  const ageMs = events === 0 || oldestMs === undefined ? 0 : timeMs - oldestMs;
  return {
    events,
    bytes: held === 0 ? 0 : Math.round((events / held) * sizeBytes),
    seconds: Math.max(Math.round(ageMs / 1_000), 0),
  };
}

/** Counts the events that the spool dropped, or lost, before they were delivered. */
export function shedOf({ spool, cursor }: Pick<LagFacts, "spool" | "cursor">): number {
  const passed = Object.values(cursor.losses).reduce((sum, { events }) => sum + events, 0);
  return passed + Math.max(spool.oldest.documents - cursor.documents, 0);
}
