/**
 * How a value stood in the line: `bare`, between double quotes, or between braces.
 * A bare value may be empty; an empty quoted value is a real empty string.
 */
type FieldForm = "bare" | "quoted" | "braced";

/** One `key=value` of a record, as logged. */
export interface RawField {
  readonly key: string;
  /** The bytes as logged, without the quotes or the outer braces. */
  readonly value: Uint8Array;
  readonly form: FieldForm;
}

/** Returns the first field with a key: where a key stands twice in one scope, the first one counts. */
export function firstField(fields: readonly RawField[], key: string): RawField | undefined {
  return fields.find((field) => field.key === key);
}
