import { Failure } from "#base/failure.ts";
import { readCursors, writeCursor } from "./cursor.ts";
import { type Cursor, readerStart } from "./place.ts";

/** How far the readers of this process have come, which is on disk a little later. */
export class OwnCursors {
  readonly #cursors = new Map<string, Cursor>();
  readonly #unsaved = new Set<string>();
  readonly #expected: string | undefined;

  constructor(expected: string | undefined) {
    this.#expected = expected;
  }

  set(name: string, cursor: Cursor): void {
    this.#cursors.set(name, cursor);
    this.#unsaved.add(name);
  }

  /** Puts them on disk. Throws `spool.unusable` if they cannot be written now. */
  save(directory: string): void {
    for (const name of this.#unsaved) {
      const cursor = this.#cursors.get(name);
      if (cursor !== undefined) writeCursor(directory, name, cursor);
      this.#unsaved.delete(name);
    }
  }

  /** The same where it is no harm if they cannot be written: readers start further back than they were. */
  trySave(directory: string): void {
    try {
      this.save(directory);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }

  /**
   * The reader that is furthest behind, those of other processes among them. Ours count even where they
   * could not be written: a full disk must not keep what is read. One that is expected and never came
   * is at the start.
   */
  slowest(directory: string): Cursor | undefined {
    const awaited = this.#expected === undefined ? [] : [[this.#expected, readerStart] as const];
    const cursors = new Map([...awaited, ...readCursors(directory), ...this.#cursors]);
    return [...cursors.values()].toSorted((a, b) => a.sequence - b.sequence)[0];
  }
}
