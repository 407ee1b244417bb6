/** A value of a record, and whether it stood in hexadecimal. */
export interface EncodedValue {
  /** A character for each byte. */
  readonly text: string;
  readonly isHex: boolean;
}

/**
 * Reads a value as a record has it: quoted, or in hexadecimal. `alwaysHex` is for values that are
 * hexadecimal even if they need not be.
 *
 * Source: audit_log_untrustedstring in the kernel's audit.c.
 */
export function decodeValue(logged: string, alwaysHex = false): EncodedValue {
  if (logged.startsWith('"')) {
    return { text: logged.slice(1, logged.endsWith('"') ? -1 : undefined), isHex: false };
  }
  if (!/^(?:[0-9A-F]{2})+$/.test(logged)) return { text: logged, isHex: false };
  const text = Buffer.from(logged, "hex").toString("latin1");
  return alwaysHex || needsHex(text) ? { text, isHex: true } : { text: logged, isHex: false };
}

/** Renders a value as the kernel does. */
export function encodeValue(text: string, alwaysHex = false): string {
  if (!alwaysHex && !needsHex(text)) return `"${text}"`;
  return Buffer.from(text, "latin1").toString("hex").toUpperCase();
}

function needsHex(text: string): boolean {
  return /[^\x21\x23-\x7e]/.test(text);
}
