const SPACE = 0x20;
const EQUALS = 0x3d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Returns the first place from `at` on that does not hold `byte`. */
export function skip(bytes: Uint8Array, at: number, byte: number): number {
  let next = at;
  while (next < bytes.length && bytes[next] === byte) next++;
  return next;
}

/** Returns the end of the word that starts at `at`: the next space, or the end. */
export function wordEnd(bytes: Uint8Array, at: number): number {
  const space = bytes.indexOf(SPACE, at);
  return space < 0 ? bytes.length : space;
}

/** Returns where the spaces at the end begin. */
export function trimmedEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === SPACE) end--;
  return end;
}

/** Returns the place of the `=` behind the key that starts at `at`, or -1 if no key starts there. */
export function keyEnd(bytes: Uint8Array, at: number): number {
  if (!isLetter(bytes[at] ?? 0)) return -1;
  let end = at + 1;
  while (isKeyByte(bytes[end] ?? 0)) end++;
  if (bytes[end] === OPEN_BRACKET) end = bracketEnd(bytes, end);
  return bytes[end] === EQUALS ? end : -1;
}

/** Returns the place of the brace that closes the one at `at`, or the end if none does. */
export function braceEnd(bytes: Uint8Array, at: number): number {
  let depth = 0;
  for (let next = at; next < bytes.length; next++) {
    if (bytes[next] === OPEN_BRACE) depth++;
    else if (bytes[next] === CLOSE_BRACE && --depth === 0) return next;
  }
  return bytes.length;
}

/** Turns bytes into a string, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Turns a string into bytes, one byte a character. */
export function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Reads an unsigned decimal number of 1 to `digits` digits in [from, end), or `undefined`. */
export function parseDecimal(
  bytes: Uint8Array,
  from: number,
  end: number,
  digits: number,
): number | undefined {
  if (end <= from || end - from > digits) return undefined;
  let value = 0;
  for (let at = from; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/** Returns the first place from `at` on that holds no decimal digit. */
export function digitsEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (isDigit(bytes[end] ?? 0)) end++;
  return end;
}

/** Tells whether `text`, in ASCII, stands at `at`. */
export function holds(bytes: Uint8Array, at: number, text: string): boolean {
  if (at < 0 || at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** `[3]` from its bracket on: the place behind it, or the bracket's own if it is not of that form. */
function bracketEnd(bytes: Uint8Array, at: number): number {
  const end = digitsEnd(bytes, at + 1);
  return end > at + 1 && bytes[end] === CLOSE_BRACKET ? end + 1 : at;
}

function isKeyByte(byte: number): boolean {
  return isLetter(byte) || isDigit(byte) || byte === 0x5f || byte === 0x2d;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
