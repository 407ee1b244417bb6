// Writes the fields of any record as members.
import { FORM, KEY_ID, KEY_SIZE, KEY_START, NESTED, SCOPE, TRAILER } from "./fields.ts";
import { separate, writeByte, writeString } from "./json.ts";
import { KEY_INFO } from "./layout.ts";
import { loadWord, same } from "./memory.ts";
import { writeNumber } from "./template.ts";
import { DECIMAL, decodeValue, fieldRow, ID, isUnset, textSize, textStart } from "./values.ts";

/** The most fields of one record that are looked at; the rest stands in the record as logged. */
export const WRITTEN_FIELDS: i32 = 1_024;

/** Writes the fields [from, to) of one scope as members; the first of a key wins, "none" is left out. */
export function writeFields(from: i32, to: i32, scope: i32): void {
  const end: i32 = to - from > WRITTEN_FIELDS ? from + WRITTEN_FIELDS : to;
  for (let field = from; field < end; field++) {
    const row = fieldRow(field);
    if (loadWord(row + SCOPE) !== scope || loadWord(row + KEY_SIZE) === 0) continue;
    if (loadWord(row + FORM) === NESTED || isRepeated(from, field)) continue;
    if (decodeValue(field)) writeField(row);
  }
}

function writeField(row: i32): void {
  const at = textStart();
  const size = textSize();
  const kind = loadWord(KEY_INFO + (loadWord(row + KEY_ID) << 4));
  if (kind === ID && isUnset(at, size)) return;
  separate();
  writeString(loadWord(row + KEY_START), loadWord(row + KEY_SIZE));
  writeByte(0x3a);
  if (kind === DECIMAL && loadWord(row + SCOPE) !== TRAILER) writeNumber(at, size);
  else writeString(at, size);
}

/** Whether a field of the same scope and name stands before it. */
function isRepeated(from: i32, field: i32): boolean {
  const row = fieldRow(field);
  const key = loadWord(row + KEY_START);
  const size = loadWord(row + KEY_SIZE);
  for (let other = from; other < field; other++) {
    const otherRow = fieldRow(other);
    if (loadWord(otherRow + KEY_SIZE) !== size) continue;
    if (loadWord(otherRow + SCOPE) !== loadWord(row + SCOPE)) continue;
    if (same(loadWord(otherRow + KEY_START), key, size)) return true;
  }
  return false;
}
