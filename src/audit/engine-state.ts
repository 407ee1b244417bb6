import type { Ledger } from "#model/ledger.ts";
import type { Stamp } from "#model/stamp.ts";
import type { AssemblerClock } from "./assembler.ts";
import type { DoneStamp } from "./done-stamps.ts";
import type { SerialCount } from "./serials.ts";

/** What an engine holds that no document has yet, for another engine to go on with. */
export interface EngineState {
  /** Lines of open events, oldest first, each with its line feed. */
  readonly pending: Uint8Array;
  /** The beginning of a line whose end has not come. */
  readonly partial: Uint8Array;
  /** Stamps completed lately, and their part. */
  readonly done: readonly DoneStamp[];
  readonly clock: AssemblerClock;
  /** The stamp of the last record that has one. */
  readonly lastStamp: Stamp;
  readonly serials: readonly SerialCount[];
  readonly books: Pick<Ledger, "read" | "fates" | "documents">;
}
