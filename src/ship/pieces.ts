/** A run of events of one batch, counted from 0, the end excluded. */
export interface Piece {
  readonly from: number;
  readonly to: number;
}

/** What is left to send of one batch: what the console refuses is halved until the one event is found. */
export class Pieces {
  readonly #left: Piece[];
  readonly #rejected: number[] = [];
  readonly #count: number;

  /** `count`: how many events the batch has. */
  constructor(count: number) {
    this.#count = count;
    this.#left = [{ from: 0, to: count }];
  }

  /** What is to be sent next; `undefined` when nothing is left. */
  get first(): Piece | undefined {
    return this.#left[0];
  }

  /** Whether what is next is the batch as it is. */
  get isWhole(): boolean {
    const { from, to } = this.#left[0] ?? { from: -1, to: -1 };
    return from === 0 && to === this.#count;
  }

  /** Whether what is next cannot be halved. */
  get isOneEvent(): boolean {
    const { from, to } = this.#left[0] ?? { from: 0, to: 0 };
    return to - from === 1;
  }

  /** The events that were given up, in their order. */
  get rejected(): readonly number[] {
    return this.#rejected;
  }

  /** The console has the first piece. */
  accept(): void {
    this.#left.shift();
  }

  /** The console refused the first piece: it is halved, or given up if it is one event. */
  refuse(): void {
    const { from, to } = this.#left.shift() ?? { from: 0, to: 0 };
    if (to - from === 1) this.#rejected.push(from);
    if (to - from <= 1) return;
    const middle = (from + to) >> 1;
    this.#left.unshift({ from, to: middle }, { from: middle, to });
  }
}
