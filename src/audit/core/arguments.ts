// Writes the arguments of EXECVE records that came whole and in order, which nearly all do.
import { BARE, FORM, KEY_SIZE, KEY_START, VALUE_SIZE, VALUE_START } from "./fields.ts";
import { separate, writeBytes, writeString, writeText } from "./json.ts";
import { SCRATCH } from "./layout.ts";
import { decimal } from "./lines.ts";
import { decodeHex, load8, loadWord, store8 } from "./memory.ts";
import { decodeAs, ENCODED, fieldRow, setText, textSize, textStart } from "./values.ts";

/**
 * Counts the arguments in the fields [from, to): `argc=N a0=… a1=…`, each whole, none missing. -1 if
 * anything is otherwise, so that the general way must be taken.
 */
export function countArguments(from: i32, to: i32): i32 {
  if (to <= from) return -1;
  const first = fieldRow(from);
  const key = loadWord(first + KEY_START);
  if (loadWord(first + KEY_SIZE) !== 4 || load8(key + 3) !== 0x63) return -1;
  const count = decimal(loadWord(first + VALUE_START), loadWord(first + VALUE_SIZE));
  let next: i32 = 0;
  for (let field: i32 = from + 1; field < to; field++) {
    if (argumentIndex(fieldRow(field)) !== next) return -1;
    next++;
  }
  return next === count ? count : -1;
}

/** N of a key `aN`, else -1. */
function argumentIndex(row: i32): i32 {
  const key = loadWord(row + KEY_START);
  const size = loadWord(row + KEY_SIZE);
  return size > 1 && load8(key) === 0x61 ? decimal(key + 1, size - 1) : -1;
}

/** Writes them as elements of an array. */
export function writeArguments(from: i32, to: i32): void {
  for (let field: i32 = from + 1; field < to; field++) {
    decodeArgument(field);
    separate();
    writeString(textStart(), textSize());
  }
}

/** Writes them joined by single spaces, inside a string; stops after about `limit` bytes. */
export function writeCommandLine(from: i32, to: i32, limit: i32): boolean {
  let written: i32 = 0;
  for (let field: i32 = from + 1; field < to; field++) {
    decodeArgument(field);
    if (written + textSize() > limit) return false;
    if (field > from + 1) writeBytes(SPACE, 1);
    writeText(textStart(), textSize());
    written += textSize() + 1;
  }
  return true;
}

/** An argument's bytes; here an empty one is an empty one, and `(null)` is what somebody typed. */
function decodeArgument(field: i32): void {
  const row = fieldRow(field);
  if (!decodeAs(row, ENCODED)) setText(loadWord(row + VALUE_START), loadWord(row + VALUE_SIZE));
}

/** A place that holds one space. */
const SPACE: i32 = SCRATCH + 0x13ff00;

/** Writes what the functions above expect to find in memory. */
export function prepareArguments(): void {
  store8(SPACE, 0x20);
}

/** Decodes a process title, with a space for each NUL; false if there is none. */
export function decodeTitle(field: i32): boolean {
  const row = fieldRow(field);
  const from = loadWord(row + VALUE_START);
  const bytes = loadWord(row + VALUE_SIZE);
  if (loadWord(row + FORM) !== BARE) {
    setText(from, bytes);
    return !(bytes === 6 && load8(from) === 0x28 && load8(from + 1) === 0x6e);
  }
  if (!decodeAs(row, ENCODED)) return false;
  if (textStart() !== SCRATCH) return true;
  let size = decodeHex(SCRATCH, from, bytes);
  while (size > 0 && load8(SCRATCH + size - 1) === 0) size--;
  for (let i: i32 = 0; i < size; i++) if (load8(SCRATCH + i) === 0) store8(SCRATCH + i, 0x20);
  setText(SCRATCH, size);
  return true;
}
