import type { Core } from "#audit/core/core.ts";
import {
  BRACED,
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
import { FIELD_ROW_BYTES, FIELDS } from "#audit/core/layout.ts";
import { WRITTEN_FIELDS } from "#audit/core/records.ts";
import type { RecordBody } from "#audit/decode/message.ts";
import type { RawField } from "#audit/decode/raw-field.ts";
import type { FieldRange } from "./event-view.ts";

/** Copies fields of one scope out of the core's tables, for code that has no need to be fast. */
export function rawFields(core: Core, { from, to }: FieldRange, scope: number): RawField[] {
  const fields: RawField[] = [];
  for (let field = from; field < to; field++) {
    const row = (FIELDS + field * FIELD_ROW_BYTES) >> 2;
    const column = (offset: number) => core.words[row + (offset >> 2)] ?? 0;
    if (column(SCOPE) !== scope || column(KEY_SIZE) === 0 || column(FORM) === NESTED) continue;
    const key = column(KEY_START);
    const value = column(VALUE_START);
    fields.push({
      key: core.bytes.toString("latin1", key, key + column(KEY_SIZE)),
      value: Uint8Array.prototype.slice.call(core.bytes, value, value + column(VALUE_SIZE)),
      form: formOf(column(FORM)),
    });
  }
  return fields;
}

/** Copies all of a record out of the core's tables, in the form of the readable reference. */
export function rawBody(core: Core, range: FieldRange): RecordBody {
  return {
    outer: rawFields(core, range, OUTER),
    inner: rawFields(core, range, INNER),
    trailer: rawFields(core, range, TRAILER),
    outerWords: rawWords(core, range, OUTER),
    innerWords: rawWords(core, range, INNER),
    message: undefined,
    trailerRecovered: false,
  };
}

function rawWords(core: Core, { from, to }: FieldRange, scope: number): Uint8Array[] {
  const words: Uint8Array[] = [];
  for (let field = from; field < Math.min(to, from + WRITTEN_FIELDS); field++) {
    const row = (FIELDS + field * FIELD_ROW_BYTES) >> 2;
    const column = (offset: number) => core.words[row + (offset >> 2)] ?? 0;
    if (column(SCOPE) !== scope || column(KEY_SIZE) !== 0) continue;
    const start = column(VALUE_START);
    words.push(Uint8Array.prototype.slice.call(core.bytes, start, start + column(VALUE_SIZE)));
  }
  return words;
}

function formOf(form: number): RawField["form"] {
  if (form === QUOTED) return "quoted";
  return form === BRACED ? "braced" : "bare";
}
