/** One thing that auparse and we see differently. Strings stand for bytes. */
export interface Difference {
  readonly what: /** How many events a stamp has. */
    | "event"
    /** Which record types an event has. */
    | "types"
    /** A field that only one of us has, or whose value differs as logged. */
    | "field"
    /** What the value of a field means. */
    | "value"
    /** A value in our document. */
    | "document";
  /** Log, node and stamp. */
  readonly event: string;
  readonly type: string;
  readonly key: string;
  /** The value, or the record's body, as logged. */
  readonly logged: string;
  readonly oracle: string;
  readonly ours: string;
}

/** What was compared, and all that differed. */
export class Comparison {
  events = 0;
  records = 0;
  fields = 0;
  values = 0;
  documentValues = 0;
  readonly differences: Difference[] = [];

  /** Counts a comparison of two texts; notes it if they differ. */
  expect(what: Difference["what"], context: Omit<Difference, "what">): void {
    if (what === "value") this.values++;
    if (what === "document") this.documentValues++;
    if (context.oracle !== context.ours) this.differences.push({ what, ...context });
  }
}
