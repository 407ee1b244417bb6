// Knows field names by number.
import { KEY_INFO, KEY_SLOTS, KEYS } from "./layout.ts";
import { load8, load32, loadWord, multiply, same } from "./memory.ts";

/** Names that the grammar itself knows; the host gives them these numbers. */
export const KEY_MSG: i32 = 1;
export const KEY_SUBJ: i32 = 2;
export const KEY_OBJ: i32 = 3;
export const KEY_OP: i32 = 4;

/** The id of a known field name, 0 for another that can be one, -1 for text that cannot. */
export function keyId(at: i32, size: i32): i32 {
  if (size < 1) return -1;
  const low: i32 = maskedWord(at, size);
  const high: i32 = maskedWord(at + 4, size - 4);
  let entry: i32 = hashKey(low, high, size);
  while (true) {
    const row: i32 = KEYS + (entry << 4);
    const rowSize = loadWord(row + 8);
    if (rowSize === 0) return isKey(at, size) ? 0 : -1;
    if (rowSize === size && loadWord(row) === low && loadWord(row + 4) === high) {
      const id = loadWord(row + 12);
      if (size <= 8 || same(loadWord(KEY_INFO + (id << 4) + 4), at, size)) return id;
    }
    entry = (entry + 1) & (KEY_SLOTS - 1);
  }
}

/** Up to four bytes; those past the size are 0. */
function maskedWord(at: i32, size: i32): i32 {
  if (size <= 0) return 0;
  return size >= 4 ? load32(at) : load32(at) & ((1 << (size << 3)) - 1);
}

/** Where the search for a key begins in the table. */
export function hashKey(low: i32, high: i32, size: i32): i32 {
  return (multiply(low, 0x2c1b3c6d) ^ multiply((high + size) | 0, 0x297a2d39)) >>> 21;
}

/** A letter, then letters, digits, `_` and `-`, and perhaps the index of a split argument, `[3]`. */
function isKey(at: i32, size: i32): boolean {
  if (!isLetter(load8(at))) return false;
  let i: i32 = 1;
  while (i < size && isKeyByte(load8(at + i))) i++;
  return i === size || isIndex(at + i, size - i);
}

function isKeyByte(byte: i32): boolean {
  return isLetter(byte) || isDigit(byte) || byte === 0x5f || byte === 0x2d;
}

function isLetter(byte: i32): boolean {
  const letter: i32 = byte | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}

function isDigit(byte: i32): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isIndex(at: i32, size: i32): boolean {
  if (size < 3 || load8(at) !== 0x5b || load8(at + size - 1) !== 0x5d) return false;
  for (let i: i32 = 1; i < size - 1; i++) if (!isDigit(load8(at + i))) return false;
  return true;
}
