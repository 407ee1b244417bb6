// Finds the lines of a block and reads their headers: `node=… type=… msg=audit(sec.ms:serial): body`.
import { LINE_ROW_BYTES, LINE_ROWS, LINES } from "./layout.ts";
import { findByte, load8, load32, loadWord, multiply, same, storeWord } from "./memory.ts";

/** Columns of a line's row. `END` is the place of its line feed. */
export const LINE_START: i32 = 0;
export const LINE_END: i32 = 4;
export const BODY_START: i32 = 8;
export const TYPE_START: i32 = 12;
export const TYPE_END: i32 = 16;
export const NODE_START: i32 = 20;
export const NODE_END: i32 = 24;
export const STAMP_START: i32 = 28;
export const STAMP_END: i32 = 32;
export const SECONDS: i32 = 36;
export const MILLISECONDS: i32 = 40;
export const SERIAL: i32 = 44;
export const RECORD_TYPE: i32 = 48;
export const LINE_FLAGS: i32 = 52;

/** The record types that have code of their own here; any other is `OTHER`. */
export const OTHER: i32 = 0;
export const SYSCALL: i32 = 1;
export const EXECVE: i32 = 2;
export const PATH: i32 = 3;
export const CWD: i32 = 4;
export const PROCTITLE: i32 = 5;
export const SOCKADDR: i32 = 6;
export const EOE: i32 = 7;

/** No record: the line goes to quarantine. */
export const MALFORMED: i32 = 1;
export const BLANK: i32 = 2;
/** A record without a stamp: an event of its own. */
export const UNSTAMPED: i32 = 4;
/** Node and stamp are, byte for byte, those of the line before. */
export const SAME_EVENT: i32 = 8;
/** The header is not what time, serial, node and type make: `[node=N ]type=T msg=audit(sec.ms:serial): `. */
export const ODD_HEADER: i32 = 16;
/** So because of its stamp, and so is any other with the same one. */
export const ODD_STAMP: i32 = 32;

/** The longest line that is kept whole; the kernel's and auditd's are below 9,300 bytes. */
export const LONGEST_LINE: i32 = 65_536;

let nextLine: i32 = 0;
/** The row before, if its stamp can be compared with; 0 if not. */
let previous: i32 = 0;

/** Where the last call of `scanLines` stopped. */
export function scanEnd(): i32 {
  return nextLine;
}

/** Fills rows for the whole lines in [from, end), as many as fit; returns how many. */
export function scanLines(from: i32, end: i32): i32 {
  let count: i32 = 0;
  let at: i32 = from;
  previous = 0;
  while (at < end && count < LINE_ROWS) {
    const lineEnd = findByte(at, end, 0x0a);
    if (lineEnd === end) break;
    scanLine(LINES + count * LINE_ROW_BYTES, at, lineEnd);
    count++;
    at = lineEnd + 1;
  }
  nextLine = at;
  return count;
}

/** Reads the header of the line in [start, end) into a row. */
export function scanLine(row: i32, start: i32, end: i32): void {
  storeWord(row + LINE_START, start);
  storeWord(row + LINE_END, end);
  storeWord(row + NODE_START, 0);
  storeWord(row + NODE_END, 0);
  const flags = scanHeader(row, start, end - start > LONGEST_LINE ? start + LONGEST_LINE : end);
  storeWord(row + LINE_FLAGS, flags);
  previous = (flags & (MALFORMED | BLANK | UNSTAMPED)) === 0 ? row : 0;
}

function scanHeader(row: i32, start: i32, end: i32): i32 {
  let at = skipSpaces(start, end);
  if (at === end) return BLANK;
  let flags: i32 = at === start ? 0 : ODD_HEADER;
  if (isText(at, end, 0x65646f6e, 0x3d)) {
    const nodeEnd = findByte(at + 5, end, 0x20);
    storeWord(row + NODE_START, at + 5);
    storeWord(row + NODE_END, nodeEnd);
    if (!isPlainName(at + 5, nodeEnd)) flags |= ODD_HEADER;
    at = skipSpaces(nodeEnd, end);
    if (at !== nodeEnd + 1) flags |= ODD_HEADER;
  }
  // The form of the kernel log: `audit: type=1400 audit(…): …`.
  if (isText(at, end, 0x69647561, 0x74) && end - at > 7 && load8(at + 5) === 0x3a) {
    at = skipSpaces(at + 6, end);
    flags |= ODD_HEADER;
  }
  if (!isText(at, end, 0x65707974, 0x3d)) return MALFORMED;
  const typeEnd = findByte(at + 5, end, 0x20);
  const type = recordType(at + 5, typeEnd - at - 5);
  if (type === OTHER && !isTypeName(at + 5, typeEnd)) return MALFORMED;
  storeWord(row + TYPE_START, at + 5);
  storeWord(row + TYPE_END, typeEnd);
  storeWord(row + RECORD_TYPE, type);
  const next = skipSpaces(typeEnd, end);
  return scanStamp(row, next, end, next === typeEnd + 1 ? flags : flags | ODD_HEADER);
}

function scanStamp(row: i32, start: i32, end: i32, oddity: i32): i32 {
  let at = start;
  let flags = oddity;
  if (isText(at, end, 0x3d67736d, 0)) at += 4;
  else flags |= ODD_HEADER;
  if (!isText(at, end, 0x69647561, 0x74) || end - at < 6 || load8(at + 5) !== 0x28) {
    storeNoStamp(row, start);
    return flags | UNSTAMPED | ODD_HEADER;
  }
  at += 6;
  storeWord(row + STAMP_START, at);
  if (isSameStamp(row, at, end)) {
    flags |= SAME_EVENT | copyStamp(row);
    at += loadWord(previous + STAMP_END) - loadWord(previous + STAMP_START);
  } else {
    const stampEnd = scanNumbers(row, at, end);
    if (stampEnd < 0) return MALFORMED;
    if (isOddStamp(row, at, stampEnd)) flags |= ODD_HEADER | ODD_STAMP;
    at = stampEnd;
  }
  storeWord(row + STAMP_END, at);
  return scanBody(row, at + 1, end, flags);
}

/** Finds where the body begins, behind the `)` of the stamp. */
function scanBody(row: i32, start: i32, end: i32, oddity: i32): i32 {
  let at = start;
  let flags = oddity;
  if (at < end && load8(at) === 0x3a) at++;
  else flags |= ODD_HEADER;
  if (at < end && load8(at) === 0x20) at++;
  else flags |= ODD_HEADER;
  storeWord(row + BODY_START, at);
  return flags;
}

function storeNoStamp(row: i32, at: i32): void {
  storeWord(row + BODY_START, at);
  storeWord(row + STAMP_START, at);
  storeWord(row + STAMP_END, at);
  storeWord(row + SECONDS, 0);
  storeWord(row + MILLISECONDS, 0);
  storeWord(row + SERIAL, 0);
}

/** Copies the numbers of the stamp before; returns the flags that come with them. */
function copyStamp(row: i32): i32 {
  storeWord(row + SECONDS, loadWord(previous + SECONDS));
  storeWord(row + MILLISECONDS, loadWord(previous + MILLISECONDS));
  storeWord(row + SERIAL, loadWord(previous + SERIAL));
  return (loadWord(previous + LINE_FLAGS) & ODD_STAMP) === 0 ? 0 : ODD_HEADER | ODD_STAMP;
}

/** Reads `sec[.ms]:serial)` and returns the place of the `)`, or -1. Seconds past 31 bits are -1. */
function scanNumbers(row: i32, start: i32, end: i32): i32 {
  let at = skipDigits(start, end);
  if (at === start || at - start > 12 || at === end) return -1;
  storeWord(row + SECONDS, decimal(start, at - start));
  storeWord(row + MILLISECONDS, 0);
  if (load8(at) === 0x2e) {
    const first = at + 1;
    at = skipDigits(first, end);
    if (at - first > 3 || at === end) return -1;
    if (at > first) storeWord(row + MILLISECONDS, decimal(first, at - first));
  }
  if (load8(at) !== 0x3a) return -1;
  const serialEnd = skipDigits(at + 1, end);
  if (!storeSerial(row, at + 1, serialEnd - at - 1)) return -1;
  return serialEnd < end && load8(serialEnd) === 0x29 ? serialEnd : -1;
}

/** The stamp is not what its numbers give: three digits of milliseconds, no zeros in front. */
function isOddStamp(row: i32, start: i32, end: i32): boolean {
  const colon = findByte(start, end, 0x3a);
  if (loadWord(row + SECONDS) < 0 || colon - start < 5 || load8(colon - 4) !== 0x2e) return true;
  if (load8(start) === 0x30 && colon - start > 5) return true;
  return load8(colon + 1) === 0x30 && end - colon > 2;
}

/** One or more bytes of ASCII. */
function isPlainName(at: i32, end: i32): boolean {
  for (let i = at; i < end; i++) if (load8(i) >= 0x80) return false;
  return at < end;
}

/** Stores an unsigned 32-bit number as the word with the same bits; false if it is none. */
function storeSerial(row: i32, start: i32, digits: i32): boolean {
  if (digits === 0 || digits > 10) return false;
  if (digits < 10) {
    storeWord(row + SERIAL, decimal(start, digits));
    return true;
  }
  const high = decimal(start, 5);
  const low = decimal(start + 5, 5);
  storeWord(row + SERIAL, (multiply(high, 100_000) + low) | 0);
  return high < 42_949 || (high === 42_949 && low <= 67_295);
}

/** Reads decimal digits; -1 where there are none, or other bytes, or the number passes 31 bits. */
export function decimal(at: i32, size: i32): i32 {
  if (size < 1 || size > 10) return -1;
  let value: i32 = 0;
  for (let i: i32 = 0; i < size; i++) {
    const digit: i32 = load8(at + i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    if (value > 214_748_364 || (value === 214_748_364 && digit > 7)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The stamp's text, up to its `)`, is the same as that of the line before, and so is the node. */
function isSameStamp(row: i32, at: i32, end: i32): boolean {
  if (previous === 0) return false;
  const start = loadWord(previous + STAMP_START);
  const size: i32 = loadWord(previous + STAMP_END) + 1 - start;
  if (end - at < size || !same(at, start, size)) return false;
  const node = loadWord(row + NODE_START);
  const nodeBefore = loadWord(previous + NODE_START);
  const nodeSize: i32 = loadWord(row + NODE_END) - node;
  const nodeSizeBefore: i32 = loadWord(previous + NODE_END) - nodeBefore;
  return nodeSize === nodeSizeBefore && same(node, nodeBefore, nodeSize);
}

/** The text at a place begins with these four bytes, and with the fifth unless that is 0. */
function isText(at: i32, end: i32, word: i32, fifth: i32): boolean {
  if (end - at < 4 || load32(at) !== word) return false;
  return fifth === 0 || (end - at > 4 && load8(at + 4) === fifth);
}

function skipSpaces(from: i32, end: i32): i32 {
  let at = from;
  while (at < end && load8(at) === 0x20) at++;
  return at;
}

function skipDigits(from: i32, end: i32): i32 {
  let at = from;
  while (at < end && load8(at) >= 0x30 && load8(at) <= 0x39) at++;
  return at;
}

/** `SYSCALL`, `UNKNOWN[1420]`, `1400`: letters, digits, `_`, `-`, brackets; at most 64 of them. */
function isTypeName(at: i32, end: i32): boolean {
  if (at === end || end - at > 64) return false;
  for (let i = at; i < end; i++) {
    const byte: i32 = load8(i);
    const letter: i32 = byte | 0x20;
    const isWord = (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
    if (!isWord && byte !== 0x5f && byte !== 0x2d && byte !== 0x5b && byte !== 0x5d) return false;
  }
  return true;
}

function recordType(at: i32, size: i32): i32 {
  const word = load32(at);
  const next = load32(at + 4);
  if (size === 4 && word === 0x48544150) return PATH;
  if (size === 7 && word === 0x43535953 && (next & 0xffffff) === 0x4c4c41) return SYSCALL;
  if (size === 9 && word === 0x434f5250 && next === 0x4c544954 && load8(at + 8) === 0x45) {
    return PROCTITLE;
  }
  if (size === 3 && (word & 0xffffff) === 0x445743) return CWD;
  if (size === 6 && word === 0x43455845 && (next & 0xffff) === 0x4556) return EXECVE;
  if (size === 8 && word === 0x4b434f53 && next === 0x52444441) return SOCKADDR;
  if (size === 3 && (word & 0xffffff) === 0x454f45) return EOE;
  return OTHER;
}
