import { fieldKind } from "./field-kinds.ts";
import { decodeHex, needsEncoding } from "./hex.ts";
import type { RawField } from "./raw-field.ts";
import { holds, latin1 } from "./scan.ts";

/** What a value means. */
export type DecodedValue =
  /** There is none: bare `(null)`, `(none)`, `?` or nothing. An empty quoted value is a text. */
  | { readonly kind: "none" }
  /** The kernel's word for an id or session that was never set. */
  | { readonly kind: "unset" }
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  /** Arguments of a process title, or keys of audit rules. */
  | { readonly kind: "list"; readonly items: readonly Uint8Array[] }
  /** Bytes that are no text by nature: a socket address, keys pressed. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Digits in their base, lower-case and without prefix; a sign is possible in base 10. */
  | { readonly kind: "number"; readonly text: string; readonly base: 8 | 10 | 16 }
  | { readonly kind: "device"; readonly major: number; readonly minor: number };

const none: DecodedValue = { kind: "none" };
const unset: DecodedValue = { kind: "unset" };

/**
 * Decodes one value by its key and the name of its record's type. A value that is not what its kind
 * asks for is text as it stands.
 *
 * Hex becomes text only if the field may be encoded, the value is bare, in upper case and of even
 * length, and the bytes hold one that had to be encoded; fragments of arguments are hex whenever
 * they are bare.
 */
export function decodeValue(key: string, recordType: string, field: RawField): DecodedValue {
  if (isNone(key, field)) return none;
  const kind = fieldKind(key, recordType);
  switch (kind) {
    case "encoded":
      return text(decodeEncoded(field, recordType === "EXECVE" && key.endsWith("]")));
    case "acct":
      return text(decodeEncoded(field, isParenthesised(field.value)));
    case "proctitle":
      return { kind: "list", items: splitAt(decodeEncoded(field), 0) };
    case "key":
      return { kind: "list", items: decodeKeys(field) };
    case "hex-bytes":
      return decodeBytes(field);
    case "uid":
    case "gid":
    case "session":
      return isUnset(field.value) ? unset : decodeNumber(field, DECIMAL, 10);
    case "decimal":
      return decodeNumber(field, DECIMAL, 10);
    case "hex":
      return decodeNumber(field, HEX, 16);
    case "octal":
      return holds(field.value, 0, "0x")
        ? decodeNumber(field, HEX, 16)
        : decodeNumber(field, OCTAL, 8);
    case "device":
      return decodeDevice(field);
    case "plain":
      return text(field.value);
    default:
      return kind satisfies never;
  }
}

/**
 * Decodes a value that is quoted, or hex if a byte of it could not stand in the line. `alwaysHex` is
 * for values that are hex even when they need not be.
 */
export function decodeEncoded(field: RawField, alwaysHex = false): Uint8Array {
  if (field.form !== "bare") return field.value;
  const bytes = decodeHex(field.value);
  return bytes && (alwaysHex || needsEncoding(bytes)) ? bytes : field.value;
}

/** Returns a number's value, or `undefined` if it is none. */
export function numberOf(value: DecodedValue): bigint | undefined {
  if (value.kind !== "number") return undefined;
  switch (value.base) {
    case 8:
      return BigInt(`0o${value.text}`);
    case 10:
      return BigInt(value.text);
    case 16:
      return BigInt(`0x${value.text}`);
    default:
      return value.base satisfies never;
  }
}

const DECIMAL = /^()(-?\d{1,20})$/;
const HEX = /^(0x)?([\da-f]{1,32})$/i;
const OCTAL = /^()([0-7]{1,22})$/;

function isNone(key: string, { value, form }: RawField): boolean {
  if (form === "braced" || value.length > 6) return false;
  const word = latin1(value);
  if (form === "bare") return ["", "?", "(null)", "(none)"].includes(word);
  // The kernel's words for a title it cannot read, libaudit's for a program it cannot name.
  return (key === "proctitle" && word === "(null)") || (key === "exe" && word === "?");
}

function isUnset(value: Uint8Array): boolean {
  if (value.length === 2) return holds(value, 0, "-1");
  return value.length === 10 && holds(value, 0, "4294967295");
}

/** `(unknown)` and the like, which some logins write in hex though nothing in it needs it. */
function isParenthesised(digits: Uint8Array): boolean {
  return holds(digits, 0, "28") && holds(digits, digits.length - 2, "29");
}

function text(bytes: Uint8Array): DecodedValue {
  return { kind: "text", bytes };
}

function decodeBytes(field: RawField): DecodedValue {
  if (field.form !== "bare") return { kind: "bytes", bytes: field.value };
  const bytes = decodeHex(field.value);
  return bytes ? { kind: "bytes", bytes } : text(field.value);
}

/** Keys are parted by 0x01. Old tools wrote `key="key=net"`, others lose the first of two quotes. */
function decodeKeys(field: RawField): readonly Uint8Array[] {
  const stray = field.form === "bare" && field.value.at(-1) === 0x22;
  const bytes = decodeEncoded(stray ? { ...field, value: field.value.subarray(0, -1) } : field);
  return splitAt(bytes, 1).map((key) => (holds(key, 0, "key=") ? key.subarray(4) : key));
}

function decodeNumber(field: RawField, pattern: RegExp, base: 8 | 10 | 16): DecodedValue {
  const digits = field.value.length > 34 ? undefined : pattern.exec(latin1(field.value))?.[2];
  return digits === undefined
    ? text(field.value)
    : { kind: "number", text: digits.toLowerCase(), base };
}

function decodeDevice(field: RawField): DecodedValue {
  const [, major, minor] = /^([\da-f]{1,8}):([\da-f]{1,8})$/i.exec(latin1(field.value)) ?? [];
  if (major === undefined || minor === undefined) return text(field.value);
  return { kind: "device", major: Number.parseInt(major, 16), minor: Number.parseInt(minor, 16) };
}

function splitAt(bytes: Uint8Array, separator: number): readonly Uint8Array[] {
  const items: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(separator); at >= 0; at = bytes.indexOf(separator, from)) {
    items.push(bytes.subarray(from, at));
    from = at + 1;
  }
  items.push(bytes.subarray(from));
  return items;
}
