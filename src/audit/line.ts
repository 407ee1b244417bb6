import { OTHER } from "./core/lines.ts";

/** The most lines that are kept for use again. */
const spareLines = 4_096;

/**
 * One line of the log while its event is open: places in the core's memory, valid until the block
 * is over, or offsets into a copy of the line from then on.
 */
export class Line {
  /** The core's own number for the record's type, see `core/lines.ts`. */
  type = OTHER;
  /** The type's name, also where it was logged as a number. */
  typeName = "";
  start = 0;
  /** The place of the line feed. */
  end = 0;
  bodyStart = 0;
  /** The line's header is not the one that its type, stamp and node make. */
  isOdd = false;
  /** The line ended before its line feed, or was longer than is kept. */
  isCut = false;
  /** The line's own bytes, once its block is over. */
  copy: Buffer | undefined = undefined;
  /** How far the copy lies from `start`, while the event is written. */
  shift = 0;
}

/** Gives lines and takes them back, for there is one for every record. */
export class LinePool {
  readonly #spare: Line[] = [];

  take(): Line {
    return this.#spare.pop() ?? new Line();
  }

  /** Takes back lines that nobody looks at any more. */
  giveBack(lines: readonly Line[]): void {
    for (const line of lines) {
      line.copy = undefined;
      line.shift = 0;
      if (this.#spare.length < spareLines) this.#spare.push(line);
    }
  }
}
