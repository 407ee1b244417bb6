import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Constants } from "#audit/core/constants.ts";
import { type Core, createCore } from "#audit/core/core.ts";
import {
  BARE,
  FORM,
  INNER,
  KEY_SIZE,
  KEY_START,
  NESTED,
  OUTER,
  QUOTED,
  SCOPE,
  TRAILER,
  VALUE_SIZE,
  VALUE_START,
} from "#audit/core/fields.ts";
import { FIELD_ROW_BYTES, FIELDS, INPUT, LINES } from "#audit/core/layout.ts";
import {
  BLANK,
  BODY_START,
  LINE_FLAGS,
  MALFORMED,
  MILLISECONDS,
  NODE_END,
  NODE_START,
  SECONDS,
  SERIAL,
  TYPE_END,
  TYPE_START,
  UNSTAMPED,
} from "#audit/core/lines.ts";
import { trailerKeys } from "#audit/decode/field-kinds.ts";
import { parseHeader } from "#audit/decode/header.ts";
import { type RecordBody, tokeniseBody } from "#audit/decode/message.ts";
import type { RawField } from "#audit/decode/raw-field.ts";
import { bytesOf, latin1 } from "#audit/decode/scan.ts";

const keys = [...trailerKeys, ...[...trailerKeys].map((key) => key.toLowerCase())];
const part = fc.oneof(
  fc.constantFrom(..."= ' \" { } ( ) , : :: \x1d \0 (none) (null) ?".split(" ")),
  fc.constant(" "),
  fc.constantFrom("msg='", "op=", "subj=", "obj_x=", "a1[2]=", "a1[=", "=", "x=", "unknown-key="),
  fc.constantFrom(...keys).map((key) => `${key}=`),
  fc.constantFrom(...keys).map((key) => ` ${key}="`),
  fc.string({ maxLength: 4 }),
);
const body = fc.oneof(
  fc.array(part, { maxLength: 40, size: "max" }).map((parts) => bytesOf(parts.join(""))),
  fc.uint8Array({ maxLength: 200, size: "max" }),
);

for (const form of ["plain", "webassembly"] as const) {
  test(`The core in its ${form} form splits any body as tokeniseBody() does`, () => {
    const core = createCore(form);
    new Constants(core);
    fc.assert(
      fc.property(body, (bytes) => {
        assert.deepEqual(splitByCore(core, bytes), linesOf(tokeniseBody(bytes)));
      }),
      { numRuns: 5_000 },
    );
  });
}

const headerPart = fc.constantFrom(
  ..."node= audit: type= type=A_b UNKNOWN[1420] 1400 ] msg= audit( msg=audit( 1364481363 . 243".split(
    " ",
  ),
  ..."): : ) 24287 4294967296 9 x a=b 1364481363.243:24287):".split(" "),
  ...["node=n ", "audit: ", "type=SYSCALL ", "type=1400 ", " ", "  "],
);

for (const form of ["plain", "webassembly"] as const) {
  test(`The core in its ${form} form reads any header as parseHeader() does`, () => {
    const core = createCore(form);
    fc.assert(
      fc.property(fc.array(headerPart, { maxLength: 9, size: "max" }), (parts) => {
        const line = bytesOf(parts.join(""));

        assert.deepEqual(scanByCore(core, line), headerOf(line));
      }),
      { numRuns: 5_000 },
    );
  });
}

/** What the core and the reference tell of a header, in one shape. */
type Header = Readonly<Record<string, string | number>>;

function scanByCore(core: Core, line: Uint8Array): Header {
  place(core, line);
  core.scanLine(LINES, INPUT, INPUT + line.length);
  const column = (offset: number): number => core.words[(LINES + offset) >> 2] ?? 0;
  const textBetween = (start: number, end: number): string =>
    core.bytes.toString("latin1", start, end);
  const flags = column(LINE_FLAGS);
  if ((flags & (MALFORMED | BLANK)) !== 0) return { kind: "none" };
  const isStamped = (flags & UNSTAMPED) === 0;
  return {
    kind: isStamped ? "stamped" : "unstamped",
    node: textBetween(column(NODE_START), column(NODE_END)),
    type: textBetween(column(TYPE_START), column(TYPE_END)),
    stamp: isStamped ? `${column(SECONDS)}.${column(MILLISECONDS)}:${column(SERIAL) >>> 0}` : "",
    body: textBetween(column(BODY_START), INPUT + line.length).trimStart(),
  };
}

function headerOf(line: Uint8Array): Header {
  const header = parseHeader(line);
  if (header === undefined) return { kind: "none" };
  const { kind, node, type, bodyStart } = header;
  return {
    kind,
    node: node === undefined ? "" : latin1(node),
    type,
    // The core leaves seconds of more than 31 bits to others.
    stamp:
      kind === "stamped"
        ? `${header.seconds < 2 ** 31 ? header.seconds : -1}.${header.milliseconds}:${header.serial}`
        : "",
    body: latin1(line.subarray(bodyStart)).trimStart(),
  };
}

function place(core: Core, bytes: Uint8Array): void {
  core.bytes.fill(0x20, INPUT - 64, INPUT);
  core.bytes.set(bytes, INPUT);
  core.bytes.fill(0x0a, INPUT + bytes.length, INPUT + bytes.length + 64);
}

/** Every field and word as one line of text, by scope. */
function splitByCore(core: Core, bytes: Uint8Array): Readonly<Record<string, readonly string[]>> {
  place(core, bytes);
  core.beginEvent();
  const end = core.splitBody(INPUT, INPUT + bytes.length, -1, -1);
  const split: Record<string, string[]> = { outer: [], inner: [], trailer: [], words: [], msg: [] };
  for (let field = 1; field < end; field++) {
    const column = (offset: number): number =>
      core.words[(FIELDS + field * FIELD_ROW_BYTES + offset) >> 2] ?? 0;
    const textAt = (at: number, size: number): string =>
      core.bytes.toString("latin1", column(at), column(at) + column(size));
    const value = textAt(VALUE_START, VALUE_SIZE);
    const scope = scopeNames.get(column(SCOPE)) ?? "";
    if (column(FORM) === NESTED) split.msg?.push(value);
    else if (column(KEY_SIZE) > 0) {
      split[scope]?.push(
        render(formNames.get(column(FORM)) ?? "braced", textAt(KEY_START, KEY_SIZE), value),
      );
    } else if (scope !== "trailer") split.words?.push(`${scope} ${value}`);
  }
  split.words?.sort();
  return split;
}

const scopeNames = new Map([
  [OUTER, "outer"],
  [INNER, "inner"],
  [TRAILER, "trailer"],
]);
const formNames: ReadonlyMap<number, RawField["form"]> = new Map([
  [BARE, "bare"],
  [QUOTED, "quoted"],
]);

function linesOf(split: RecordBody): Readonly<Record<string, readonly string[]>> {
  const renderAll = (fields: readonly RawField[]): readonly string[] =>
    fields.map(({ form, key, value }) => render(form, key, latin1(value)));
  return {
    outer: renderAll(split.outer),
    inner: renderAll(split.inner),
    trailer: renderAll(split.trailer),
    words: [
      ...split.outerWords.map((word) => `outer ${latin1(word)}`),
      ...split.innerWords.map((word) => `inner ${latin1(word)}`),
    ].toSorted(),
    msg: split.message === undefined ? [] : [latin1(split.message)],
  };
}

function render(form: RawField["form"], key: string, value: string): string {
  return `${form} ${key}=${value}`;
}
