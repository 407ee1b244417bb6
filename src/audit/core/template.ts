// Writes members by template: rows that say which field becomes which member, and how.
import { slot, VALUE_SIZE, VALUE_START } from "./fields.ts";
import { close, open, separate, writeBytes, writeMember, writeString } from "./json.ts";
import { load8, loadWord, same } from "./memory.ts";
import { decodeValue, fieldRow, isNone, isUnset, textSize, textStart } from "./values.ts";

/** Columns of a template's row. */
export const TEMPLATE_ROW_BYTES: i32 = 32;
const OPERATION: i32 = 0;
const KEY: i32 = 4;
const LITERAL: i32 = 8;
const LITERAL_SIZE: i32 = 12;
const OTHER_KEY: i32 = 16;
const SKIP: i32 = 20;

/** Ends the template. */
export const END: i32 = 0;
/** A decoded string, unless the value says "none". */
export const TEXT: i32 = 1;
/** A number of at most 15 digits without leading zeros; other text is left out, for it is no number. */
export const NUMBER: i32 = 2;
/** The value as logged, as a string, unless it says "none". */
export const VERBATIM: i32 = 3;
/** An id as a string, unless it is unset. */
export const IDENTITY: i32 = 4;
/** A name of auditd's trailer, unless it is `unset` or `unknown(…)`. */
export const NAME: i32 = 5;
/** As `VERBATIM`, unless the value is `0`. */
export const NONZERO: i32 = 6;
/** The last four digits of an octal mode. */
export const MODE: i32 = 7;
/** A name as an element of an array, unless it is unknown or one of the `ELEMENT` rows before gave it. */
export const ELEMENT: i32 = 8;
/** Begins an object; from here on, rows are no fields. */
export const OPEN: i32 = 9;
/** Ends it. */
export const CLOSE: i32 = 10;
/** Begins an object if the id is set and differs from another; else goes on `SKIP` rows later. */
export const OPEN_IF: i32 = 11;

/** Writes the members of a template with the fields of a group. */
export function writeTemplate(template: i32, group: i32): void {
  let row = template;
  let operation = loadWord(row + OPERATION);
  while (operation !== END) {
    if (operation < OPEN) {
      const field = slot(group, loadWord(row + KEY));
      if (field !== 0) writeMemberAs(row, group, field, operation);
    } else row += writeStructure(row, operation, group);
    row += TEMPLATE_ROW_BYTES;
    operation = loadWord(row + OPERATION);
  }
}

/** Writes what is no field; returns how many bytes of rows are to be passed over. */
function writeStructure(row: i32, operation: i32, group: i32): i32 {
  if (operation === OPEN) open(loadWord(row + LITERAL), loadWord(row + LITERAL_SIZE));
  else if (operation === CLOSE) close(0x7d);
  else if (!isOpened(row, group)) return loadWord(row + SKIP) * TEMPLATE_ROW_BYTES;
  return 0;
}

function writeLiteral(row: i32): void {
  writeMember(loadWord(row + LITERAL), loadWord(row + LITERAL_SIZE));
}

/** Opens the object of an `OPEN_IF` row if its condition holds. */
function isOpened(row: i32, group: i32): boolean {
  const field = slot(group, loadWord(row + KEY));
  if (field === 0) return false;
  const at = loadWord(fieldRow(field) + VALUE_START);
  const size = loadWord(fieldRow(field) + VALUE_SIZE);
  if (isNone(at, size) || isUnset(at, size)) return false;
  const otherKey = loadWord(row + OTHER_KEY);
  if (otherKey !== 0 && isEqual(slot(group, otherKey), at, size)) return false;
  open(loadWord(row + LITERAL), loadWord(row + LITERAL_SIZE));
  return true;
}

/** Whether there is such a field and its value is this one, as logged. */
function isEqual(field: i32, at: i32, size: i32): boolean {
  if (field === 0) return false;
  const row = fieldRow(field);
  return loadWord(row + VALUE_SIZE) === size && same(loadWord(row + VALUE_START), at, size);
}

function writeMemberAs(row: i32, group: i32, field: i32, operation: i32): void {
  const at = loadWord(fieldRow(field) + VALUE_START);
  const size = loadWord(fieldRow(field) + VALUE_SIZE);
  if (operation === NUMBER) {
    if (!isNumber(at, size)) return;
    writeLiteral(row);
    writeBytes(at, size);
  } else if (operation === TEXT) {
    if (!decodeValue(field)) return;
    writeLiteral(row);
    writeString(textStart(), textSize());
  } else if (operation === NAME) {
    if (!decodeValue(field) || isUnknownName(textStart(), textSize())) return;
    writeLiteral(row);
    writeString(textStart(), textSize());
  } else if (operation === ELEMENT) writeElement(row, group, field);
  else writeVerbatim(row, at, size, operation);
}

function writeElement(row: i32, group: i32, field: i32): void {
  if (!decodeValue(field) || isUnknownName(textStart(), textSize())) return;
  const at = loadWord(fieldRow(field) + VALUE_START);
  const size = loadWord(fieldRow(field) + VALUE_SIZE);
  let before: i32 = row - TEMPLATE_ROW_BYTES;
  while (loadWord(before + OPERATION) === ELEMENT) {
    if (isEqual(slot(group, loadWord(before + KEY)), at, size)) return;
    before -= TEMPLATE_ROW_BYTES;
  }
  separate();
  writeString(textStart(), textSize());
}

function writeVerbatim(row: i32, at: i32, size: i32, operation: i32): void {
  if (isNone(at, size)) return;
  if (operation === IDENTITY && isUnset(at, size)) return;
  if (operation === NONZERO && size === 1 && load8(at) === 0x30) return;
  writeLiteral(row);
  if (operation === MODE && size > 4) writeString(at + size - 4, 4);
  else writeString(at, size);
}

/** Writes a number, or the text as a string where JSON's readers could not hold it exactly. */
export function writeNumber(at: i32, size: i32): void {
  if (isNumber(at, size)) writeBytes(at, size);
  else writeString(at, size);
}

function isNumber(at: i32, size: i32): boolean {
  const first: i32 = load8(at) === 0x2d ? at + 1 : at;
  const digits: i32 = size - (first - at);
  if (digits < 1 || digits > 15) return false;
  if (load8(first) === 0x30) return digits === 1 && first === at;
  for (let i: i32 = 0; i < digits; i++) {
    const byte: i32 = load8(first + i);
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}

/** `unset` or `unknown(1501)`. */
function isUnknownName(at: i32, size: i32): boolean {
  if (size < 5 || load8(at) !== 0x75 || load8(at + 1) !== 0x6e) return false;
  if (size === 5) return load8(at + 2) === 0x73 && load8(at + 3) === 0x65 && load8(at + 4) === 0x74;
  return size > 8 && load8(at + 2) === 0x6b && load8(at + 7) === 0x28;
}
