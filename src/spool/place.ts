import type { LossEntry, LossReason } from "#model/ledger.ts";

/** The place right after one batch of the chain. */
export interface Place {
  /** Sequence of the batch; 0 before the first. */
  readonly sequence: number;
  /** The batch's hash in hexadecimal. */
  readonly hash: string;
  /** Documents appended up to and with the batch, since the spool was made. */
  readonly documents: number;
}

/** What was lost, by reason. */
export type Losses = Readonly<Partial<Record<LossReason, LossEntry>>>;

/**
 * How far a reader has come. The books balance:
 * `documents` = those that were handed to the reader + the events of its `losses`.
 */
export interface Cursor extends Place {
  readonly losses: Losses;
}

/** The place before the first batch of a new spool. */
export const origin: Place = { sequence: 0, hash: "0".repeat(64), documents: 0 };

/** Where a reader begins that is to have everything: what is gone by then, it counts. */
export const readerStart: Cursor = { ...origin, losses: {} };

/** Adds one loss to what was lost before. */
export function addLoss(losses: Losses, reason: LossReason, loss: LossEntry): Losses {
  const before = losses[reason];
  if (before === undefined) return { ...losses, [reason]: loss };
  return {
    ...losses,
    [reason]: {
      count: before.count + loss.count,
      events: before.events + loss.events,
      bytes: before.bytes + loss.bytes,
      first: before.first,
      last: loss.last,
    },
  };
}
