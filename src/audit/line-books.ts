import { type FateCount, type LineFate, lineFates } from "#model/ledger.ts";

interface MutableCount {
  lines: number;
  bytes: number;
  first?: string;
  last?: string;
}

/** Keeps the books of lines: how many were read and what became of them. */
export class LineBooks {
  readonly read: MutableCount = { lines: 0, bytes: 0 };
  readonly fates: Record<LineFate, MutableCount>;
  documents = 0;

  constructor() {
    const counts = lineFates.map((fate) => [fate, { lines: 0, bytes: 0 }]);
    this.fates = Object.fromEntries(counts) as Record<LineFate, MutableCount>;
  }

  /** Counts lines that need no name: delivered ones, and empty ones. */
  count(fate: LineFate, lines: number, bytes: number): void {
    const count = this.fates[fate];
    count.lines += lines;
    count.bytes += bytes;
  }

  /** Counts one line that an operator may ask for, by its stamp or number. */
  countNamed(fate: LineFate, lines: number, bytes: number, name: string): void {
    this.count(fate, lines, bytes);
    const count = this.fates[fate];
    count.first ??= name;
    count.last = name;
  }

  /** Goes on with the books of an earlier process. */
  restore(books: {
    readonly read: FateCount;
    readonly fates: Readonly<Partial<Record<LineFate, FateCount>>>;
    readonly documents: number;
  }): void {
    Object.assign(this.read, books.read);
    for (const fate of lineFates) Object.assign(this.fates[fate], books.fates[fate]);
    this.documents = books.documents;
  }
}
