/** Where a line of the audit log went. Every line read is in exactly one of these or still in flight. */
export const lineFates = [
  /** It is part of an event that was made a document of; `documents` and `losses` say what became of that. */
  "delivered",
  /** It is no audit record; it was delivered as it is, as a document of kind `pipeline_error`. */
  "quarantined",
  /** It is empty. */
  "blank",
  /** It only ends an event that was complete already. */
  "marker",
  /** It is no audit record, and the quarantine's allowance for this minute was spent. */
  "quarantine_full",
  /** Its event already held as many bytes as one event may. */
  "event_oversize",
  /** Bytes past the longest line that is kept; the line itself has another fate. */
  "overlong",
] as const;
export type LineFate = (typeof lineFates)[number];

/** Why events never reached the log reader, were not taken into the spool, or left it unread; with its help. */
export const lossReasons = {
  serial_gap: "Serial numbers that were never seen: an estimate.",
  rotated_out: "The log was rotated past our place while nobody read it.",
  truncated: "The log was cut or emptied in place.",
  replaced: "The log was replaced by another file.",
  access_lost: "The log could not be read for some time.",
  spool_pressed:
    "The spool was nearly full of events that were not delivered, and took none of low severity.",
  spool_full: "The byte budget of the spool was spent, and its oldest segment went.",
  corrupt_segment: "A segment of the spool was damaged.",
  spool_unwritable: "The spool could not be written.",
} as const;
export type LossReason = keyof typeof lossReasons;

/** What is known of one kind of loss. */
export interface LossEntry {
  /** How often it happened: events for `serial_gap` and `spool_pressed`, batches or incidents otherwise. */
  readonly count: number;
  /** Events lost, as far as known. */
  readonly events: number;
  /** Bytes lost, as far as known. */
  readonly bytes: number;
  /** Event id, stamp or batch sequence of the first and the last one. */
  readonly first: string;
  readonly last: string;
}

/** Lines and their bytes, line feeds included, also that of a line that ended without one. */
export interface LineCount {
  readonly lines: number;
  readonly bytes: number;
}

/** Lines with one fate, and the stamp or the number of the first and the last one, where it matters. */
export interface FateCount extends LineCount {
  readonly first?: string;
  readonly last?: string;
}

/**
 * The books of one agent since its spool was made. They balance: `read` is the sum of `fates` and of
 * what is in flight, in lines and in bytes.
 */
export interface Ledger {
  readonly read: LineCount;
  readonly inFlight: LineCount;
  readonly fates: Readonly<Record<LineFate, FateCount>>;
  /** Documents appended to the spool, those of kind `pipeline_error` included. */
  readonly documents: number;
  readonly losses: Readonly<Partial<Record<LossReason, LossEntry>>>;
}
