/** Reads upper-case hexadecimal, or `undefined` if it is empty, of odd length, or anything else. */
export function decodeHex(digits: Uint8Array): Uint8Array | undefined {
  if (digits.length === 0 || digits.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digitOf(digits[2 * i] ?? 0);
    const low = digitOf(digits[2 * i + 1] ?? 0);
    if (high < 0 || low < 0) return undefined;
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

/** Renders bytes in lower-case hexadecimal. */
export function renderHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/**
 * Tells whether the kernel and libaudit would have written these bytes in hex.
 *
 * Source: audit_string_contains_control in the kernel's audit.c; libaudit's audit_value_needs_encoding.
 */
export function needsEncoding(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte < 0x21 || byte > 0x7e || byte === 0x22);
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x41 && byte <= 0x46 ? byte - 0x37 : -1;
}
