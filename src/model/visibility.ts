import type { Ledger } from "./ledger.ts";

/** Events that were delivered, and those that should have been besides, as far as can be told. */
export interface Sight {
  readonly delivered: number;
  readonly missed: number;
}

/**
 * Counts what was delivered and what was not. A loss that is known in bytes only counts as so many
 * events as such bytes have held so far; lines that an allowance left out count as one event each.
 */
export function sightOf({ read, fates, documents, losses }: Ledger): Sight {
  const bytesPerEvent = documents === 0 ? 0 : read.bytes / documents;
  const lost = Object.values(losses).reduce((sum, { events, bytes }) => {
    return sum + (events > 0 || bytesPerEvent === 0 ? events : Math.ceil(bytes / bytesPerEvent));
  }, 0);
  return { delivered: documents, missed: lost + fates.quarantine_full.lines };
}

/** What was delivered and missed between two moments; the earlier one's `Sight` may be of an older spool. */
export function sightBetween(before: Sight, after: Sight): Sight {
  return {
    delivered: Math.max(after.delivered - before.delivered, 0),
    missed: Math.max(after.missed - before.missed, 0),
  };
}

/** Delivered over all that should have been, 0 to 1; `undefined` where there was nothing. */
export function visibilityOf({ delivered, missed }: Sight): number | undefined {
  const all = delivered + missed;
  return all === 0 ? undefined : delivered / all;
}
