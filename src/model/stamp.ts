/** The identity that all records of one event share: `msg=audit(1364481363.243:24287)`. */
export interface Stamp {
  /** Whole seconds since the epoch. */
  readonly seconds: number;
  readonly milliseconds: number;
  /** Counts up since boot and wraps at 2^32. */
  readonly serial: number;
  /** What stands between the parentheses, as logged. */
  readonly text: string;
  /** Name of the host that the record names, `node=`; empty if it names none. */
  readonly node: string;
}
