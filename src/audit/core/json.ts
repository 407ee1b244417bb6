// Writes JSON text into the output region. Members are written in order; an object or array that
// stays empty is taken back.
import { OUTPUT, STACK } from "./layout.ts";
import { copy, copyPlain, load8, loadWord, store8, storeWord } from "./memory.ts";

let out: i32 = OUTPUT;
/** Whether the next member needs a comma before it. */
let comma: boolean = false;
let depth: i32 = 0;
let lossy: boolean = false;

/** Where the next byte goes. */
export function outputEnd(): i32 {
  return out;
}

/** Goes back to an earlier end of the output, between two documents. */
export function setOutputEnd(at: i32): void {
  out = at;
}

/** Begins a document with a literal that ends in a whole member. */
export function beginDocument(literal: i32, literalSize: i32): void {
  depth = 0;
  writeBytes(literal, literalSize);
  comma = true;
}

/** Whether text since the last call was no UTF-8, so that U+FFFD stands for some bytes. */
export function takeLossy(): boolean {
  const was = lossy;
  lossy = false;
  return was;
}

/** Begins an object or array with a literal such as `"user":{`. */
export function open(literal: i32, literalSize: i32): void {
  storeWord(STACK + (depth << 3), out);
  storeWord(STACK + (depth << 3) + 4, comma ? 1 : 0);
  depth++;
  separate();
  writeBytes(literal, literalSize);
  comma = false;
}

/** Ends it with `}` or `]`, or takes it back if nothing was written into it. */
export function close(bracket: i32): void {
  depth--;
  if (comma) {
    store8(out++, bracket);
    return;
  }
  out = loadWord(STACK + (depth << 3));
  comma = loadWord(STACK + (depth << 3) + 4) !== 0;
}

/** Ends it even if it is empty. */
export function closeKept(bracket: i32): void {
  depth--;
  store8(out++, bracket);
  comma = true;
}

/** Writes whole members, or the `"name":` of one whose value comes next. */
export function writeMember(literal: i32, literalSize: i32): void {
  separate();
  writeBytes(literal, literalSize);
  comma = true;
}

/** Writes bytes as they are. */
export function writeBytes(at: i32, size: i32): void {
  copy(out, at, size);
  out += size;
}

/** Writes one byte as it is. */
export function writeByte(byte: i32): void {
  store8(out++, byte);
}

/** Writes the comma that the next member or element needs. */
export function separate(): void {
  if (comma) store8(out++, 0x2c);
  comma = true;
}

/** Writes text as a JSON string. */
export function writeString(at: i32, size: i32): void {
  store8(out++, 0x22);
  writeText(at, size);
  store8(out++, 0x22);
}

/**
 * Writes an object that begins with a literal, such as `{"type":"PATH","raw":`, and ends with text.
 * Tells whether that was no UTF-8, so that U+FFFD stands for some bytes: then the `}` is to come.
 */
export function writeRecord(literal: i32, literalSize: i32, at: i32, size: i32): boolean {
  lossy = false;
  writeMember(literal, literalSize);
  writeString(at, size);
  if (!lossy) store8(out++, 0x7d);
  return takeLossy();
}

/** Writes text escaped for the inside of a JSON string. */
export function writeText(at: i32, size: i32): void {
  const end: i32 = at + size;
  let from = at;
  while (from < end) {
    const plain = copyPlain(out, from, end - from);
    out += plain;
    from += plain;
    if (from === end) return;
    if (load8(from) === 0x22) {
      store8(out, 0x5c);
      store8(out + 1, 0x22);
      out += 2;
      from++;
    } else from = writeOddByte(from, end);
  }
}

/** Writes what `copyPlain` stopped at and returns the place behind it. */
function writeOddByte(at: i32, end: i32): i32 {
  const byte: i32 = load8(at);
  if (byte >= 0x80) return writeSequence(at, end);
  store8(out++, 0x5c);
  if (byte === 0x5c) store8(out++, byte);
  else if (byte === 0x0a) store8(out++, 0x6e);
  else if (byte === 0x09) store8(out++, 0x74);
  else if (byte === 0x0d) store8(out++, 0x72);
  else writeUnicodeEscape(byte);
  return at + 1;
}

/** Writes `uXXXX` for a byte below 0x80. */
function writeUnicodeEscape(byte: i32): void {
  const low: i32 = byte & 15;
  store8(out, 0x75);
  store8(out + 1, 0x30);
  store8(out + 2, 0x30);
  store8(out + 3, 0x30 + (byte >> 4));
  store8(out + 4, low < 10 ? 0x30 + low : 0x57 + low);
  out += 5;
}

/** Copies one UTF-8 sequence, or writes U+FFFD for the longest part of one, as WHATWG decoders do. */
function writeSequence(at: i32, end: i32): i32 {
  const length = sequenceLength(load8(at));
  const found = sequenceFound(at, end, length);
  if (length > 0 && found === length) {
    writeBytes(at, length);
    return at + length;
  }
  lossy = true;
  store8(out, 0xef);
  store8(out + 1, 0xbf);
  store8(out + 2, 0xbd);
  out += 3;
  return at + found;
}

/** How many bytes a sequence with this first byte has; 0 if none begins with it. */
function sequenceLength(first: i32): i32 {
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** How many bytes of the sequence at a place are there, the first included. */
function sequenceFound(at: i32, end: i32, length: i32): i32 {
  const first: i32 = load8(at);
  let low: i32 = 0x80;
  let high: i32 = 0xbf;
  if (first === 0xe0) low = 0xa0;
  else if (first === 0xed) high = 0x9f;
  else if (first === 0xf0) low = 0x90;
  else if (first === 0xf4) high = 0x8f;
  let i: i32 = 1;
  while (i < length && at + i < end) {
    const byte: i32 = load8(at + i);
    if (byte < low || byte > high) break;
    low = 0x80;
    high = 0xbf;
    i++;
  }
  return i;
}
