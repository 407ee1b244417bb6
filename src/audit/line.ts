/**
 * One line of the log while its event is open: places in the core's memory, valid until the block
 * is over, or offsets into a copy of the line from then on.
 */
export class Line {
  /** The core's own number for the record's type, see `core/lines.ts`. */
  readonly type: number;
  /** The type's name as logged. */
  readonly typeName: string;
  readonly start: number;
  /** The place of the line feed. */
  readonly end: number;
  readonly bodyStart: number;
  /** The line's header is not of the usual form. */
  readonly isOdd: boolean;
  /** The line ended before its line feed, or was longer than is kept. */
  readonly isCut: boolean;
  /** The line's own bytes, once its block is over. */
  copy: Buffer | undefined;
  /** How far the copy lies from `start`, while the event is written. */
  shift = 0;

  constructor(
    type: number,
    typeName: string,
    start: number,
    end: number,
    bodyStart: number,
    isOdd: boolean,
    isCut: boolean,
  ) {
    this.type = type;
    this.typeName = typeName;
    this.start = start;
    this.end = end;
    this.bodyStart = bodyStart;
    this.isOdd = isOdd;
    this.isCut = isCut;
  }
}
