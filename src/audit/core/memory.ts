// The core's primitives on typed arrays. `build/wasm/memory.assemblyscript` holds the same ones for WebAssembly;
// whatever stands on them is one source for both.
import { MEMORY_BYTES } from "./layout.ts";

/** The linear memory, as bytes. */
export const memory = new Uint8Array(MEMORY_BYTES);
const words = new Int32Array(memory.buffer);

/** Reads one byte. */
export function load8(at: i32): i32 {
  return memory[at] as i32;
}

/** Writes one byte. */
export function store8(at: i32, value: i32): void {
  memory[at] = value;
}

/** Reads four bytes at any address, little endian. */
export function load32(at: i32): i32 {
  return (
    (memory[at] as i32) |
    ((memory[at + 1] as i32) << 8) |
    ((memory[at + 2] as i32) << 16) |
    ((memory[at + 3] as i32) << 24)
  );
}

/** Reads a word at an address that is a multiple of four. */
export function loadWord(at: i32): i32 {
  return words[at >> 2] as i32;
}

/** Writes a word at an address that is a multiple of four. */
export function storeWord(at: i32, value: i32): void {
  words[at >> 2] = value;
}

/** Multiplies and keeps the low 32 bits. */
export function multiply(a: i32, b: i32): i32 {
  return Math.imul(a, b);
}

/** Divides towards zero. */
export function divide(a: i32, b: i32): i32 {
  return (a / b) | 0;
}

/** Returns the first place in [from, end) that holds `byte`, else `end`. */
export function findByte(from: i32, end: i32, byte: i32): i32 {
  for (let at = from; at < end; at++) if (memory[at] === byte) return at;
  return end;
}

/** Returns the first place in [from, end) that holds one of two bytes, else `end`. */
export function findEither(from: i32, end: i32, a: i32, b: i32): i32 {
  for (let at = from; at < end; at++) {
    const byte = memory[at];
    if (byte === a || byte === b) return at;
  }
  return end;
}

/** Copies `size` bytes between places that do not overlap. It may write up to 15 bytes past those. */
export function copy(to: i32, from: i32, size: i32): void {
  if (size > 128) {
    memory.copyWithin(to, from, from + size);
    return;
  }
  for (let i = 0; i < size; i++) memory[to + i] = memory[from + i] as i32;
}

/**
 * Copies up to `size` bytes and stops before the first that JSON text cannot hold as it is or that
 * is not ASCII; returns how many it copied. It may write up to 16 bytes past those.
 */
export function copyPlain(to: i32, from: i32, size: i32): i32 {
  for (let i = 0; i < size; i++) {
    const byte = memory[from + i] as i32;
    if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return i;
    memory[to + i] = byte;
  }
  return size;
}

/** Tells whether two ranges hold the same bytes. */
export function same(a: i32, b: i32, size: i32): boolean {
  for (let i = 0; i < size; i++) if (memory[a + i] !== memory[b + i]) return false;
  return true;
}

/**
 * Decodes upper-case hexadecimal digits; returns the number of bytes, or -1 if the text is empty, of
 * odd length or holds anything else. It may write up to 16 bytes past those.
 */
export function decodeHex(to: i32, from: i32, size: i32): i32 {
  if (size === 0 || (size & 1) !== 0) return -1;
  for (let i = 0; i < size; i += 2) {
    const high = hexDigit(memory[from + i] as i32);
    const low = hexDigit(memory[from + i + 1] as i32);
    if ((high | low) < 0) return -1;
    memory[to + (i >> 1)] = (high << 4) | low;
  }
  return size >> 1;
}

function hexDigit(byte: i32): i32 {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  return -1;
}
