import type { EngineState } from "#audit/engine.ts";
import type { Ledger, LossEntry, LossReason } from "#model/ledger.ts";
import type { LogPosition } from "#sources/position.ts";

/**
 * What a batch carries beside its documents: appending it commits all of this at once, so nothing
 * can disagree with what was delivered.
 */
export interface Note {
  /** The place in the log behind the last byte that was taken. */
  readonly position: LogPosition | undefined;
  readonly engine: EngineState;
  readonly ledger: Ledger;
}

const noteVersion = 1;

/** Renders a note as bytes. */
export function renderNote(note: Note): Uint8Array {
  const { pending, partial, ...engine } = note.engine;
  return Buffer.from(
    JSON.stringify({
      version: noteVersion,
      ...note,
      engine: {
        ...engine,
        pending: Buffer.from(pending).toString("base64"),
        partial: Buffer.from(partial).toString("base64"),
      },
    }),
  );
}

/** Reads a note that a batch of this spool carried, or `undefined` if it is of another version. */
export function parseNote(bytes: Uint8Array): Note | undefined {
  const { version, ...note } = JSON.parse(Buffer.from(bytes).toString()) as {
    version: number;
    position: LogPosition | undefined;
    ledger: Ledger;
    engine: Omit<EngineState, "pending" | "partial"> & { pending: string; partial: string };
  };
  if (version !== noteVersion) return undefined;
  return {
    ...note,
    engine: {
      ...note.engine,
      pending: Buffer.from(note.engine.pending, "base64"),
      partial: Buffer.from(note.engine.partial, "base64"),
    },
  };
}

/** Adds losses of one time to those of another. */
export function addLosses(
  before: Readonly<Partial<Record<LossReason, LossEntry>>>,
  after: Readonly<Partial<Record<LossReason, LossEntry>>>,
): Partial<Record<LossReason, LossEntry>> {
  const sum: Partial<Record<LossReason, LossEntry>> = { ...before };
  for (const [name, entry] of Object.entries(after)) {
    const reason = name as LossReason;
    const known = sum[reason];
    sum[reason] =
      known === undefined
        ? entry
        : {
            count: known.count + entry.count,
            events: known.events + entry.events,
            bytes: known.bytes + entry.bytes,
            first: known.first,
            last: entry.last,
          };
  }
  return sum;
}
