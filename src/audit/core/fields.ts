// Splits the body of a record into fields, in three scopes: what the kernel or the program wrote
// (outer), what stands inside `msg='…'` (inner), and what auditd added behind byte 0x1D (trailer).
// `decode/message.ts` states the rules; the numbers in the comments here are theirs.
import { FIELD_ROW_BYTES, FIELD_ROWS, FIELDS, KEY_INFO, SEEN, SLOT_KEYS, SLOTS } from "./layout.ts";
import { findByte, findEither, load8, load32, loadWord, storeWord } from "./memory.ts";
import { KEY_MSG, KEY_OBJ, KEY_OP, KEY_SUBJ, keyId } from "./names.ts";
import { findClosingBrace, findClosingQuote, trimInnerValue } from "./value-ends.ts";

/** Columns of a field's row. A free word has a key of size 0. */
export const KEY_START: i32 = 0;
export const KEY_SIZE: i32 = 4;
export const KEY_ID: i32 = 8;
export const VALUE_START: i32 = 12;
export const VALUE_SIZE: i32 = 16;
export const FORM: i32 = 20;
export const SCOPE: i32 = 24;

export const BARE: i32 = 0;
export const QUOTED: i32 = 1;
export const BRACED: i32 = 2;
/** The text of `msg='…'`, whose fields follow it in scope `INNER`. */
export const NESTED: i32 = 3;

export const OUTER: i32 = 0;
export const INNER: i32 = 1;
export const TRAILER: i32 = 2;

/** Rows count from 1. */
let fieldCount: i32 = 1;
let generation: i32 = 0;
let outerGroup: i32 = -1;
let innerGroup: i32 = -1;
/** Tells the bodies apart, so that what was seen of one is forgotten with the next. */
let bodyNumber: i32 = 0;
/** Whether the body has no 0x1D, so that a trailer must be told by its keys. */
let recovers: boolean = false;
let hasMessage: boolean = false;

/** Forgets the fields of the event before. */
export function beginEvent(): void {
  fieldCount = 1;
  generation++;
}

/** The row of the first field with this key in a group, or 0. */
export function slot(group: i32, key: i32): i32 {
  const at: i32 = SLOTS + (group * SLOT_KEYS + key) * 8;
  return loadWord(at) === generation ? loadWord(at + 4) : 0;
}

/**
 * Splits a body and notes its fields in the slots of two groups: outer and trailer in one, inner in
 * the other; -1 is for none. Returns the row behind the last field; it is `FIELD_ROWS` if rows ran
 * out and fields were left unsplit.
 */
export function splitBody(start: i32, end: i32, outer: i32, inner: i32): i32 {
  outerGroup = outer;
  innerGroup = inner;
  bodyNumber++;
  hasMessage = false;
  const separator = findLast(start, end, 0x1d);
  recovers = separator < 0;
  const stop = splitScope(start, recovers ? end : separator, OUTER);
  if (!recovers) splitScope(separator + 1, end, TRAILER);
  else if (stop < end) {
    recovers = false;
    splitScope(stop, end, TRAILER);
  }
  return fieldCount;
}

/** The last place in [start, end) that holds a byte, or -1. */
function findLast(start: i32, end: i32, byte: i32): i32 {
  let last: i32 = -1;
  let at = findByte(start, end, byte);
  while (at < end) {
    last = at;
    at = findByte(at + 1, end, byte);
  }
  return last;
}

/** Splits one scope and returns its end, or where a trailer that lost its separator begins. */
function splitScope(start: i32, end: i32, scope: i32): i32 {
  let at = start;
  while (fieldCount < FIELD_ROWS) {
    while (at < end && load8(at) === 0x20) at++;
    if (at >= end) return end;
    const next = splitField(at, end, scope);
    if (next === at) return at;
    at = next;
  }
  return end;
}

/** Splits the field or free word at a place; returns the place behind it, or the same for a trailer. */
function splitField(start: i32, end: i32, scope: i32): i32 {
  const key: i32 = scope === INNER ? skipParentheses(start, end) : start;
  const equals = findEither(key, end, 0x3d, 0x20);
  const size: i32 = equals - key;
  const id: i32 = equals < end && load8(equals) === 0x3d ? keyId(key, size) : -1;
  if (id < 0) {
    const wordEnd = findByte(start, end, 0x20);
    addField(start, 0, 0, start, wordEnd - start, BARE, scope);
    return wordEnd;
  }
  if (recovers && scope === OUTER && startsTrailer(id)) return start;
  return splitValue(key, size, id, equals + 1, end, scope);
}

/** Splits the value of a field and returns the place behind it. */
function splitValue(key: i32, size: i32, id: i32, value: i32, end: i32, scope: i32): i32 {
  const first: i32 = value < end ? load8(value) : 0x20;
  if (first === 0x22) {
    const close = findByte(value + 1, end, 0x22);
    addField(key, size, id, value + 1, close - value - 1, QUOTED, scope);
    return close < end ? close + 1 : end;
  }
  if (first === 0x7b) {
    const close = findClosingBrace(value, end);
    addField(key, size, id, value + 1, close - value - 1, BRACED, scope);
    return close < end ? close + 1 : end;
  }
  if (first === 0x27 && id === KEY_MSG && scope === OUTER && !hasMessage) {
    hasMessage = true;
    const close = findClosingQuote(value + 1, end);
    addField(key, size, id, value + 1, close - value - 1, NESTED, scope);
    splitScope(value + 1, close, INNER);
    return close < end ? close + 1 : end;
  }
  const valueEnd = bareEnd(key, size, id, value, end, scope);
  const kept: i32 = keptEnd(value, valueEnd, scope);
  addField(key, size, id, value, kept - value, BARE, scope);
  return valueEnd;
}

function addField(
  key: i32,
  keySize: i32,
  id: i32,
  value: i32,
  valueSize: i32,
  form: i32,
  scope: i32,
): void {
  const row: i32 = FIELDS + fieldCount * FIELD_ROW_BYTES;
  storeWord(row + KEY_START, key);
  storeWord(row + KEY_SIZE, keySize);
  storeWord(row + KEY_ID, id);
  storeWord(row + VALUE_START, value);
  storeWord(row + VALUE_SIZE, valueSize);
  storeWord(row + FORM, form);
  storeWord(row + SCOPE, scope);
  const group: i32 = scope === INNER ? innerGroup : outerGroup;
  if (id > 0 && group >= 0) {
    const at: i32 = SLOTS + (group * SLOT_KEYS + id) * 8;
    if (loadWord(at) !== generation) {
      storeWord(at, generation);
      storeWord(at + 4, fieldCount);
    }
  }
  if (recovers) storeWord(SEEN + (id << 2), bodyNumber);
  fieldCount++;
}

function skipParentheses(from: i32, end: i32): i32 {
  let at = from;
  while (at < end && load8(at) === 0x28) at++;
  return at;
}

/** Rule 9: where a bare value ends. */
function bareEnd(key: i32, keySize: i32, id: i32, value: i32, end: i32, scope: i32): i32 {
  let valueEnd = findByte(value, end, 0x20);
  if (valueEnd > value && (scope !== OUTER || mayHoldSpaces(key, keySize, id))) {
    valueEnd = extendValue(valueEnd, end, scope);
  }
  return recovers && scope === OUTER ? findGluedTrailer(value, valueEnd, id) : valueEnd;
}

/** `op`, `subj`, `obj` and, with several security modules, `subj_apparmor` and the like. */
function mayHoldSpaces(key: i32, keySize: i32, id: i32): boolean {
  if (id === KEY_OP || id === KEY_SUBJ || id === KEY_OBJ) return true;
  if (id !== 0 || keySize < 4) return false;
  const word = load32(key);
  return (word === 0x6a627573 && keySize > 4 && load8(key + 4) === 0x5f) || word === 0x5f6a626f;
}

/** Goes on over words until the next key. */
function extendValue(from: i32, end: i32, scope: i32): i32 {
  let at = from;
  while (true) {
    let word = at;
    while (word < end && load8(word) === 0x20) word++;
    if (word === end) return at;
    const key: i32 = scope === INNER ? skipParentheses(word, end) : word;
    const stop = findEither(key, end, 0x3d, 0x20);
    if (stop < end && load8(stop) === 0x3d && keyId(key, stop - key) >= 0) return at;
    at = findByte(word, end, 0x20);
  }
}

/** Rule 10: where a bare value ends without what only parts it from the next. */
function keptEnd(start: i32, end: i32, scope: i32): i32 {
  if (scope === INNER) return trimInnerValue(start, end);
  return scope === OUTER && end > start && load8(end - 1) === 0x2c ? end - 1 : end;
}

/** Rule 2: a key of the trailer whose lower-case twin stands before it. */
function startsTrailer(id: i32): boolean {
  if (id < 1) return false;
  const twin = loadWord(KEY_INFO + (id << 4) + 12);
  return twin !== 0 && loadWord(SEEN + (twin << 2)) === bodyNumber;
}

/** Where a trailer key starts inside a bare value, else its end; of several keys the longest. */
function findGluedTrailer(start: i32, end: i32, own: i32): i32 {
  storeWord(SEEN + (own << 2), bodyNumber);
  for (let at = findByte(start, end, 0x3d); at < end; at = findByte(at + 1, end, 0x3d)) {
    for (let size: i32 = 9; size >= 2; size--) {
      if (at - size < start) continue;
      if (startsTrailer(keyId(at - size, size))) return at - size;
    }
  }
  return end;
}
