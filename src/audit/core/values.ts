// Decodes the values of fields: quoted, bare or hexadecimal, as the kernel and libaudit write them.
import { BARE, FORM, KEY_ID, SCOPE, TRAILER, VALUE_SIZE, VALUE_START } from "./fields.ts";
import { FIELD_ROW_BYTES, FIELDS, KEY_INFO, SCRATCH } from "./layout.ts";
import { decodeHex, load8, load32, loadWord } from "./memory.ts";

/** Kinds of value, by key. */
export const PLAIN: i32 = 0;
export const ENCODED: i32 = 1;
export const DECIMAL: i32 = 2;
export const ID: i32 = 3;
export const HEX_BYTES: i32 = 4;

let start: i32 = 0;
let size: i32 = 0;

/** Where the text of the last decoded value lies. */
export function textStart(): i32 {
  return start;
}

/** How many bytes it has. */
export function textSize(): i32 {
  return size;
}

/** Points to text that another part of the core made. */
export function setText(at: i32, bytes: i32): void {
  start = at;
  size = bytes;
}

/** The address of a field's row. */
export function fieldRow(field: i32): i32 {
  return FIELDS + field * FIELD_ROW_BYTES;
}

/**
 * Decodes a field's value into `textStart` and `textSize`; false if it says "no value": empty, `?`,
 * `(null)` or `(none)`, all bare.
 */
export function decodeValue(field: i32): boolean {
  const row = fieldRow(field);
  const kind = loadWord(KEY_INFO + (loadWord(row + KEY_ID) << 4));
  return decodeAs(row, loadWord(row + SCOPE) === TRAILER ? ENCODED : kind);
}

/** As `decodeValue`, with a kind of value that the record's type asks for. */
export function decodeAs(row: i32, kind: i32): boolean {
  start = loadWord(row + VALUE_START);
  size = loadWord(row + VALUE_SIZE);
  if (loadWord(row + FORM) !== BARE) return true;
  if (isNone(start, size)) return false;
  if (kind !== ENCODED) return true;
  const decoded = decodeHex(SCRATCH, start, size);
  if (decoded > 0 && neededEncoding(SCRATCH, decoded)) setText(SCRATCH, decoded);
  return true;
}

/** Tells whether bare text says "no value". */
export function isNone(at: i32, bytes: i32): boolean {
  if (bytes === 0) return true;
  const first: i32 = load8(at);
  if (first === 0x3f) return bytes === 1;
  if (first !== 0x28 || bytes !== 6 || load8(at + 5) !== 0x29) return false;
  const word = load32(at + 1);
  return word === 0x6c6c756e || word === 0x656e6f6e;
}

/** Tells whether an id says "unset": 4294967295 or -1. */
export function isUnset(at: i32, bytes: i32): boolean {
  if (bytes === 2) return load8(at) === 0x2d && load8(at + 1) === 0x31;
  return bytes === 10 && load32(at) === 0x34393234 && load32(at + 4) === 0x32373639;
}

/** The writers encode a value only if it holds `"`, or a byte below 0x21 or above 0x7E. */
function neededEncoding(at: i32, bytes: i32): boolean {
  for (let i: i32 = 0; i < bytes; i++) {
    const byte: i32 = load8(at + i);
    if (byte < 0x21 || byte > 0x7e || byte === 0x22) return true;
  }
  return false;
}
