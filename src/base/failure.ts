/** Why an operation failed, in words stable enough to alert on. */
export type FailureCode =
  | "usage.invalid"
  | "config.invalid"
  | "source.unreadable"
  | "source.damaged"
  | "output.unwritable"
  | "spool.locked"
  | "spool.unusable"
  | "console.unreachable"
  | "console.untrusted"
  | "console.refused"
  | "identity.damaged"
  | "run.refused";

/** A failure that an operator can act on. Anything else thrown is a bug. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: FailureCode;
  /** What the operator can do about it, as one sentence. */
  readonly hint: string;

  constructor(code: FailureCode, message: string, options: ErrorOptions & { hint: string }) {
    super(message, options);
    this.code = code;
    this.hint = options.hint;
  }
}

/** Exit codes, as in sysexits(3). */
export const exitCodes: Readonly<Record<FailureCode, number>> = {
  "usage.invalid": 64,
  "source.damaged": 65,
  "identity.damaged": 65,
  "source.unreadable": 66,
  "console.unreachable": 69,
  "spool.unusable": 73,
  "output.unwritable": 74,
  "spool.locked": 75,
  "console.untrusted": 76,
  "run.refused": 77,
  "console.refused": 77,
  "config.invalid": 78,
};
