import { trailerKeys } from "./field-kinds.ts";
import type { RawField } from "./raw-field.ts";
import { braceEnd, holds, keyEnd, latin1, skip, trimmedEnd, wordEnd } from "./scan.ts";

/** The body of one record, split. All bytes are views of the body. */
export interface RecordBody {
  /** What the kernel, or auditd, wrote. */
  readonly outer: readonly RawField[];
  /** What a program wrote, from inside `msg='…'`. */
  readonly inner: readonly RawField[];
  /** What auditd added: names of ids and numbers. */
  readonly trailer: readonly RawField[];
  /** The words that are part of no field, in order. */
  readonly outerWords: readonly Uint8Array[];
  readonly innerWords: readonly Uint8Array[];
  /** All of what stands inside `msg='…'`, or `undefined` if there is no such field. */
  readonly message: Uint8Array | undefined;
  /** Whether the trailer was told from the body by its keys, as its separator is gone. */
  readonly trailerRecovered: boolean;
}

/**
 * Splits the body of a record, which is the line without its header and line feed.
 * This is the reference for the grammar; whatever else reads bodies gives the same fields.
 *
 * Scopes
 * 1. The trailer is what follows the last 0x1D. The outer scope is all before it.
 * 2. If there is no 0x1D, a shipper may have dropped it: the trailer then starts at the first outer
 *    key that is one of {@link trailerKeys} and whose lower-case twin is a key before it, in the
 *    outer or inner scope. It may be glued to the bare value before it, see 9.
 * 3. The first outer `msg='` opens the inner scope. It ends at the last byte of the outer scope that
 *    is no space, if that is `'`; else at the last `'` that follows an even number of `"` counted
 *    from the opening; else at the end of the outer scope. The outer scope goes on behind it. A
 *    later `msg='` is a plain bare value.
 *
 * Fields and words, the same in each scope
 * 4. Bytes 0x20 part; any other byte, NUL and 0x0A too, is content. At each place that is no
 *    space either a field starts or a word.
 * 5. A key is `[A-Za-z][A-Za-z0-9_-]*`, optionally with `[` digits `]` behind it, and then `=`. In the
 *    inner scope any number of `(` before a key is dropped. Whatever is no key starts a word, which
 *    ends before the next space.
 * 6. A value that starts with `"` is quoted and ends before the next `"`, or at the end of the scope.
 * 7. A value that starts with `{` is braced and ends before the brace that closes it, nesting
 *    counted, or at the end of the scope.
 * 8. Behind a closing quote or brace the next field or word starts, even without a space.
 * 9. Any other value is bare and ends before the next space. If it is not empty it goes on over
 *    spaces and words up to the next key (5): always in the inner scope and the trailer; in the
 *    outer scope for `op`, `subj`, `obj` and keys that start with `subj_` or `obj_`, but not for
 *    `obj_uid` and `obj_gid`.
 *    In case 2 it also ends before a trailer key that some `=` inside it follows; at the first such
 *    `=`, and of several such keys the longest.
 * 10. A bare value loses at its end: in the outer scope one `,`; in the inner scope all of `,` `'`
 *    `:` `)` and spaces, but not a `:` that follows a `:`, and not a `)` unless the value holds more
 *    `)` than `(`.
 *
 * Source: audit_log_user_recv_msg in the kernel's audit.c; auparse's parse_up_record; real logs.
 */
export function tokeniseBody(body: Uint8Array): RecordBody {
  const separator = body.lastIndexOf(0x1d);
  const split: Split = {
    outer: [],
    inner: [],
    trailer: [],
    outerWords: [],
    innerWords: [],
    message: undefined,
    trailerRecovered: false,
    recovers: separator < 0,
    seen: new Set(),
  };
  const outer = separator < 0 ? body : body.subarray(0, separator);
  const stop = readScope(split, "outer", outer);
  const start = separator < 0 ? stop : separator + 1;
  split.trailerRecovered = separator < 0 && stop < body.length;
  readScope(split, "trailer", body.subarray(start));
  return split;
}

type Scope = "outer" | "inner" | "trailer";

interface Split extends RecordBody {
  readonly outer: RawField[];
  readonly inner: RawField[];
  readonly trailer: RawField[];
  readonly outerWords: Uint8Array[];
  readonly innerWords: Uint8Array[];
  message: Uint8Array | undefined;
  trailerRecovered: boolean;
  /** Whether the trailer is to be told by its keys. */
  readonly recovers: boolean;
  /** The keys so far. */
  readonly seen: Set<string>;
}

/** Reads one scope; returns where a trailer that lost its separator starts, else the end. */
function readScope(split: Split, scope: Scope, bytes: Uint8Array): number {
  let at = skip(bytes, 0, 0x20);
  while (at < bytes.length) {
    const keyAt = scope === "inner" ? skip(bytes, at, 0x28) : at;
    const equals = keyEnd(bytes, keyAt);
    if (equals < 0) {
      const end = wordEnd(bytes, at);
      wordsOf(split, scope).push(bytes.subarray(at, end));
      at = end;
    } else {
      const key = latin1(bytes.subarray(keyAt, equals));
      if (scope === "outer" && startsTrailer(split, key)) return keyAt;
      split.seen.add(key);
      at = readValue(split, scope, key, bytes, equals + 1);
    }
    at = skip(bytes, at, 0x20);
  }
  return bytes.length;
}

function wordsOf(split: Split, scope: Scope): Uint8Array[] {
  switch (scope) {
    case "outer":
      return split.outerWords;
    case "inner":
      return split.innerWords;
    case "trailer":
      return [];
    default:
      return scope satisfies never;
  }
}

/** Reads the value at `at`; returns the place behind it. */
function readValue(split: Split, scope: Scope, key: string, bytes: Uint8Array, at: number): number {
  const fields = split[scope];
  if (bytes[at] === 0x22) {
    const close = bytes.indexOf(0x22, at + 1);
    const end = close < 0 ? bytes.length : close;
    fields.push({ key, value: bytes.subarray(at + 1, end), form: "quoted" });
    return end + 1;
  }
  if (bytes[at] === 0x7b) {
    const end = braceEnd(bytes, at);
    fields.push({ key, value: bytes.subarray(at + 1, end), form: "braced" });
    return end + 1;
  }
  if (opensMessage(split, scope, key, bytes[at])) {
    const end = messageEnd(bytes, at + 1);
    split.message = bytes.subarray(at + 1, end);
    readScope(split, "inner", split.message);
    return end + 1;
  }
  const end = bareEnd(split, scope, key, bytes, at);
  fields.push({ key, value: bytes.subarray(at, keptEnd(scope, bytes, at, end)), form: "bare" });
  return end;
}

function opensMessage(split: Split, scope: Scope, key: string, byte: number | undefined): boolean {
  return byte === 0x27 && key === "msg" && scope === "outer" && split.message === undefined;
}

/** Rule 3: where the message that starts at `from` ends. */
function messageEnd(bytes: Uint8Array, from: number): number {
  const last = trimmedEnd(bytes) - 1;
  if (last >= from && bytes[last] === 0x27) return last;
  let end = bytes.length;
  let quoted = false;
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === 0x22) quoted = !quoted;
    else if (bytes[at] === 0x27 && !quoted) end = at;
  }
  return end;
}

/** Rule 9: where the bare value at `at` ends. */
function bareEnd(split: Split, scope: Scope, key: string, bytes: Uint8Array, at: number): number {
  let end = wordEnd(bytes, at);
  if (end > at && mayHoldSpaces(scope, key)) {
    let next = skip(bytes, end, 0x20);
    while (next < bytes.length && !startsKey(scope, bytes, next)) {
      end = wordEnd(bytes, next);
      next = skip(bytes, end, 0x20);
    }
  }
  return scope === "outer" && split.recovers ? gluedTrailer(split, bytes, at, end) : end;
}

function mayHoldSpaces(scope: Scope, key: string): boolean {
  return scope !== "outer" || key === "op" || /^(?:subj|obj)(?:$|_(?!uid$|gid$))/.test(key);
}

function startsKey(scope: Scope, bytes: Uint8Array, at: number): boolean {
  return keyEnd(bytes, scope === "inner" ? skip(bytes, at, 0x28) : at) >= 0;
}

/** Returns where a trailer key starts inside the bare value in [from, end), else `end`. */
function gluedTrailer(split: Split, bytes: Uint8Array, from: number, end: number): number {
  for (let equals = bytes.indexOf(0x3d, from); equals >= 0 && equals < end; ) {
    let start = end;
    for (const key of trailerKeys) {
      const at = equals - key.length;
      if (at >= from && at < start && holds(bytes, at, key) && startsTrailer(split, key))
        start = at;
    }
    if (start < end) return start;
    equals = bytes.indexOf(0x3d, equals + 1);
  }
  return end;
}

function startsTrailer(split: Split, key: string): boolean {
  return split.recovers && trailerKeys.has(key) && split.seen.has(key.toLowerCase());
}

/** Rule 10: where the bare value in [from, end) ends without what only parts it from the next. */
function keptEnd(scope: Scope, bytes: Uint8Array, from: number, end: number): number {
  if (scope === "inner") return innerKeptEnd(bytes, from, end);
  return scope === "outer" && end > from && bytes[end - 1] === 0x2c ? end - 1 : end;
}

function innerKeptEnd(bytes: Uint8Array, from: number, end: number): number {
  let unopened = unopenedParentheses(bytes.subarray(from, end));
  let kept = end;
  for (; kept > from; kept--) {
    const byte = bytes[kept - 1];
    if (byte === 0x29) {
      if (unopened-- <= 0) break;
    } else if (byte === 0x3a) {
      if (kept - 2 >= from && bytes[kept - 2] === 0x3a) break;
    } else if (byte !== 0x20 && byte !== 0x27 && byte !== 0x2c) break;
  }
  return kept;
}

/** Counts the `)` that are more than the `(`. */
function unopenedParentheses(bytes: Uint8Array): number {
  let unopened = 0;
  for (const byte of bytes) {
    if (byte === 0x29) unopened++;
    else if (byte === 0x28) unopened--;
  }
  return unopened;
}
