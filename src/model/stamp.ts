import { threeDigits } from "#base/three-digits.ts";

/** The identity that all records of one event share: `msg=audit(1364481363.243:24287)`. */
export interface Stamp {
  /** Whole seconds since the epoch. */
  readonly seconds: number;
  readonly milliseconds: number;
  /** Counts up since boot and wraps at 2^32. */
  readonly serial: number;
  /** What stands between the parentheses, if it is not what the numbers make; else empty. */
  readonly oddText: string;
  /** Name of the host that the record names, `node=`; empty if it names none. */
  readonly node: string;
}

/** The stamp of a log before its first record. */
export const noStamp: Stamp = { seconds: 0, milliseconds: 0, serial: 0, oddText: "", node: "" };

/** What stands between the parentheses, as logged. */
export function textOfStamp({ seconds, milliseconds, serial, oddText }: Stamp): string {
  return oddText === "" ? `${seconds}.${threeDigits(milliseconds)}:${serial}` : oddText;
}

/** Whether node and stamp are the same, as logged. */
export function isSameStamp(one: Stamp, other: Stamp): boolean {
  return (
    one.serial === other.serial &&
    one.milliseconds === other.milliseconds &&
    one.seconds === other.seconds &&
    one.oddText === other.oddText &&
    one.node === other.node
  );
}
