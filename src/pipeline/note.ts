import type { EngineState } from "#audit/engine-state.ts";
import { type Form, hasForm } from "#base/form.ts";
import type { Ledger, LossEntry, LossReason } from "#model/ledger.ts";
import type { LogPosition } from "#sources/position.ts";
import { type DoneText, parseDone, renderDone } from "./done-text.ts";
import type { Seal } from "./seal.ts";

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

/** Raised whenever an older agent would misread a note, or this one an older note. */
const noteVersion = 1;
const lineFeed = 0x0a;

/** A note's line of JSON; the bytes of lines in flight follow it, as they are or sealed. */
interface NoteText {
  readonly version: number;
  readonly position?: LogPosition;
  readonly ledger: Ledger;
  readonly engine: Omit<EngineState, "pending" | "partial" | "done">;
  readonly done: DoneText;
  readonly pendingBytes: number;
  readonly isSealed?: true;
}

/** Renders a note as bytes; with a seal, nobody else can read what is in flight. */
export function renderNote({ position, engine, ledger }: Note, seal?: Seal): Uint8Array {
  const { pending, partial, done, ...rest } = engine;
  const text: NoteText = {
    version: noteVersion,
    ...(position === undefined ? {} : { position }),
    ledger,
    engine: rest,
    done: renderDone(done),
    pendingBytes: pending.length,
    ...(seal === undefined ? {} : { isSealed: true }),
  };
  const inFlight = Buffer.concat([pending, partial]);
  const kept = seal === undefined ? inFlight : seal.close(inFlight);
  return Buffer.concat([Buffer.from(`${JSON.stringify(text)}\n`), kept]);
}

/** Reads a note that a batch carried, or `undefined` if it is damaged, of another version or sealed by others. */
export function parseNote(bytes: Uint8Array, seal?: Seal): Note | undefined {
  const end = bytes.indexOf(lineFeed);
  const text = parseJson(Buffer.from(bytes.subarray(0, Math.max(end, 0))).toString());
  if (!isNoteText(text) || text.version !== noteVersion) return undefined;
  const { lastStamp } = text.engine;
  const kept = bytes.slice(end + 1);
  const inFlight = text.isSealed ? seal?.open(kept) : kept;
  if (inFlight === undefined || text.pendingBytes > inFlight.length) return undefined;
  return {
    position: text.position,
    ledger: text.ledger,
    engine: {
      ...text.engine,
      lastStamp: { ...lastStamp, seconds: Number(lastStamp.seconds) },
      pending: inFlight.subarray(0, text.pendingBytes),
      partial: inFlight.subarray(text.pendingBytes),
      done: parseDone(text.done),
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether a value has the form of a note; batches are sealed, so what has it is what was written. */
function isNoteText(value: unknown): value is NoteText {
  return hasForm(value, noteForm);
}

const countForm = { lines: "number", bytes: "number" } as const;
const fatesForm = {
  delivered: countForm,
  quarantined: countForm,
  blank: countForm,
  marker: countForm,
  quarantine_full: countForm,
  event_oversize: countForm,
  overlong: countForm,
} as const satisfies Record<keyof Ledger["fates"], Form>;
const booksForm = { read: countForm, fates: fatesForm, documents: "number" } as const;
const noteForm: Form = {
  version: "number",
  ledger: { ...booksForm, inFlight: countForm, losses: {} },
  engine: {
    books: booksForm,
    clock: {
      streamMs: "number",
      progressMs: "number",
      lineCount: "number",
      events: [{ openedProgressMs: "number", graceEnd: "number" }],
    },
    serials: [{ node: "string", missing: [["any"]] }],
    lastStamp: {
      // As far as JSON has numbers.
      seconds: "any",
      milliseconds: "number",
      serial: "number",
      oddText: "string",
      node: "string",
    },
  },
  done: { steps: "string", nodes: ["string"] },
  pendingBytes: "number",
};
