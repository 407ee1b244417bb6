// Finds where quoted, braced and inner values end.
import { findByte, load8 } from "./memory.ts";

/** Rule 3: where the message that starts at a place ends. */
export function findClosingQuote(start: i32, end: i32): i32 {
  let last = end;
  while (last > start && load8(last - 1) === 0x20) last--;
  if (last > start && load8(last - 1) === 0x27) return last - 1;
  let close = end;
  let quotes: i32 = 0;
  for (let at = start; at < end; at++) {
    const byte: i32 = load8(at);
    if (byte === 0x22) quotes++;
    else if (byte === 0x27 && (quotes & 1) === 0) close = at;
  }
  return close;
}

/** Rule 7: the place of the brace that closes the one at a place, or the end. */
export function findClosingBrace(start: i32, end: i32): i32 {
  let depth: i32 = 0;
  for (let at = start; at < end; at++) {
    const byte: i32 = load8(at);
    if (byte === 0x7b) depth++;
    else if (byte === 0x7d) {
      depth--;
      if (depth === 0) return at;
    }
  }
  return end;
}

/** Rule 10: cuts what old PAM messages put behind values. */
export function trimInnerValue(start: i32, from: i32): i32 {
  let end = trimSeparators(start, from);
  if (end === start || load8(end - 1) !== 0x29) return end;
  let unopened = countUnopened(start, from);
  while (unopened > 0 && end > start && load8(end - 1) === 0x29) {
    unopened--;
    end = trimSeparators(start, end - 1);
  }
  return end;
}

/** Cuts spaces, `'`, `,` and `:`, but not the second `:` of two. */
function trimSeparators(start: i32, from: i32): i32 {
  let end = from;
  while (end > start) {
    const byte: i32 = load8(end - 1);
    if (byte === 0x3a) {
      if (end - 2 >= start && load8(end - 2) === 0x3a) return end;
    } else if (byte !== 0x20 && byte !== 0x27 && byte !== 0x2c) return end;
    end--;
  }
  return end;
}

/** Counts the `)` that are more than the `(`. */
function countUnopened(start: i32, end: i32): i32 {
  let count: i32 = 0;
  for (let at = findByte(start, end, 0x28); at < end; at = findByte(at + 1, end, 0x28)) count--;
  for (let at = findByte(start, end, 0x29); at < end; at = findByte(at + 1, end, 0x29)) count++;
  return count;
}
