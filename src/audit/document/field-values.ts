import type { Core } from "#audit/core/core.ts";
import { VALUE_SIZE, VALUE_START } from "#audit/core/fields.ts";
import { FIELD_ROW_BYTES, FIELDS } from "#audit/core/layout.ts";

const questionMark = 0x3f;

/** The value of a field as logged, as text; empty if there is no such field. */
export function fieldText(core: Core, field: number): string {
  if (field === 0) return "";
  const row = (FIELDS + field * FIELD_ROW_BYTES) >> 2;
  const start = core.words[row + (VALUE_START >> 2)] ?? 0;
  return core.bytes.toString("latin1", start, start + (core.words[row + (VALUE_SIZE >> 2)] ?? 0));
}

/** The first byte of a field's value, as a character code; 0 if there is no such field or no value. */
export function firstByte(core: Core, field: number): number {
  if (field === 0) return 0;
  const row = (FIELDS + field * FIELD_ROW_BYTES) >> 2;
  if (core.words[row + (VALUE_SIZE >> 2)] === 0) return 0;
  return core.bytes[core.words[row + (VALUE_START >> 2)] ?? 0] ?? 0;
}

/** Whether two fields have the same value as logged; false if there is no such field. */
export function hasSameValue(core: Core, one: number, other: number): boolean {
  if (one === 0 || other === 0) return false;
  const oneRow = (FIELDS + one * FIELD_ROW_BYTES) >> 2;
  const otherRow = (FIELDS + other * FIELD_ROW_BYTES) >> 2;
  const size = core.words[oneRow + (VALUE_SIZE >> 2)] ?? 0;
  if (size !== core.words[otherRow + (VALUE_SIZE >> 2)]) return false;
  const start = core.words[oneRow + (VALUE_START >> 2)] ?? 0;
  const otherStart = core.words[otherRow + (VALUE_START >> 2)] ?? 0;
  for (let at = 0; at < size; at++) {
    if (core.bytes[start + at] !== core.bytes[otherStart + at]) return false;
  }
  return true;
}

/**
 * Decodes the value of a field that a program wrote, and tells whether it says anything: programs put
 * even a `?` for "no value" between quotes.
 */
export function hasText(core: Core, field: number): boolean {
  if (field === 0 || !core.decodeValue(field)) return false;
  const size = core.textSize();
  return size > 1 || (size === 1 && core.bytes[core.textStart()] !== questionMark);
}

/** Reads a number of at most eight digits; a negative one for anything else. */
export function parseSmall(core: Core, field: number, radix: 8 | 10 | 16): number {
  if (field === 0) return Number.NEGATIVE_INFINITY;
  const row = (FIELDS + field * FIELD_ROW_BYTES) >> 2;
  const start = core.words[row + (VALUE_START >> 2)] ?? 0;
  const size = core.words[row + (VALUE_SIZE >> 2)] ?? 0;
  if (size === 0 || size > 8) return Number.NEGATIVE_INFINITY;
  let value = 0;
  for (let at = start; at < start + size; at++) {
    const byte = core.bytes[at] ?? 0;
    const digit = byte < 0x3a ? byte - 0x30 : byte - 0x57;
    if (digit < 0 || digit >= radix) return Number.NEGATIVE_INFINITY;
    value = value * radix + digit;
  }
  return value;
}
