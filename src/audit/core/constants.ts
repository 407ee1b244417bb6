import { trailerKeys } from "#audit/decode/field-kinds.ts";
import { keyIds, keyKinds } from "#audit/keys.ts";
import type { Core } from "./core.ts";

import { CONSTANTS, CONSTANTS_END, KEY_INFO, KEY_SLOTS, KEYS } from "./layout.ts";
import { hashKey } from "./names.ts";
import { CLOSE, END, OPEN, OPEN_IF, TEMPLATE_ROW_BYTES } from "./template.ts";

/** Text in the core's memory. */
export interface Literal {
  readonly at: number;
  readonly size: number;
}

/** Text in the core's memory that is filled in again and again. */
export interface Form {
  readonly at: number;
  /** Who filled it in last; to another it says nothing. */
  owner: object | undefined;
}

/** One row of a template: what to do with which field, and the JSON text that goes before. */
export interface TemplateRow {
  readonly operation: number;
  readonly key?: string;
  readonly literal?: string;
  readonly differsFrom?: string;
}

/** The longest text from the log that is placed, and the room that it must leave to the program's own. */
const longestWord = 256;
const ownBytes = 0x28000;

const placed = new WeakMap<ArrayBufferLike, Constants>();

/** The constants of a core's memory, which all that write through it share. */
export function constantsOf(core: Core): Constants {
  const known = placed.get(core.bytes.buffer);
  if (known !== undefined) return known;
  const constants = new Constants(core);
  placed.set(core.bytes.buffer, constants);
  return constants;
}

/** Lays out what the core reads and never changes: field names, literals and templates. */
export class Constants {
  readonly #core: Core;
  readonly #literals = new Map<string, Literal>();
  readonly #forms = new Map<string, Form>();
  readonly #templates = new Map<readonly TemplateRow[], number>();
  #next = CONSTANTS;

  constructor(core: Core) {
    this.#core = core;
    core.words.fill(0, KEYS >> 2, (KEYS + KEY_SLOTS * 16) >> 2);
    for (const [name, id] of keyIds) this.#addKey(name, id);
    core.prepareArguments();
  }

  /** Places text once, however often it is asked for. */
  literal(text: string): Literal {
    const known = this.#literals.get(text);
    if (known !== undefined) return known;
    const bytes = Buffer.from(text);
    const literal = { at: this.#take(bytes.length + 64), size: bytes.length };
    this.#core.bytes.set(bytes, literal.at);
    this.#literals.set(text, literal);
    return literal;
  }

  /** Places text that is changed where it stands, by all who ask for the same. */
  form(text: string): Form {
    const known = this.#forms.get(text);
    if (known !== undefined) return known;
    const form = { at: this.literal(text).at, owner: undefined };
    this.#forms.set(text, form);
    return form;
  }

  /** The same for text that may come from the log; `undefined` if it is long or there is no room. */
  word(text: string): Literal | undefined {
    const known = this.#literals.get(text);
    if (known !== undefined) return known;
    const hasRoom = text.length <= longestWord && this.#next < CONSTANTS_END - ownBytes;
    return hasRoom ? this.literal(text) : undefined;
  }

  /** Places a template once and returns its address. */
  template(rows: readonly TemplateRow[]): number {
    const known = this.#templates.get(rows);
    if (known !== undefined) return known;
    const literals = rows.map(({ literal = "" }) => this.literal(literal));
    const address = this.#take((rows.length + 1) * TEMPLATE_ROW_BYTES);
    rows.forEach((row, index) => {
      const at = (address + index * TEMPLATE_ROW_BYTES) >> 2;
      const literal = literals[index] ?? { at: 0, size: 0 };
      const skip = row.operation === OPEN_IF ? rowsToClose(rows, index) : 0;
      const columns = [
        row.operation,
        idOf(row.key),
        literal.at,
        literal.size,
        idOf(row.differsFrom),
        skip,
      ];
      this.#core.words.set(columns, at);
    });
    this.#core.words[(address + rows.length * TEMPLATE_ROW_BYTES) >> 2] = END;
    this.#templates.set(rows, address);
    return address;
  }

  #take(sizeBytes: number): number {
    const at = this.#next;
    this.#next += Math.ceil(sizeBytes / 64) * 64;
    if (this.#next > CONSTANTS_END) throw new RangeError("Cannot place more constants in the core");
    return at;
  }

  #addKey(name: string, id: number): void {
    const { words } = this.#core;
    const { at, size } = this.literal(name);
    const low = this.#maskedWord(at, size);
    const high = this.#maskedWord(at + 4, size - 4);
    let slot = hashKey(low, high, size);
    while (words[((KEYS + slot * 16) >> 2) + 2] !== 0) slot = (slot + 1) & (KEY_SLOTS - 1);
    words.set([low, high, size, id], (KEYS + slot * 16) >> 2);
    const twin = trailerKeys.has(name) ? (keyIds.get(name.toLowerCase()) ?? 0) : 0;
    words.set([keyKinds.get(name) ?? 0, at, size, twin], (KEY_INFO + id * 16) >> 2);
  }

  #maskedWord(at: number, size: number): number {
    if (size <= 0) return 0;
    const word = this.#core.bytes.readInt32LE(at);
    return size >= 4 ? word : word & ((1 << (size * 8)) - 1);
  }
}

function idOf(key: string | undefined): number {
  if (key === undefined) return 0;
  const id = keyIds.get(key);
  if (id === undefined) throw new RangeError(`Cannot use field ${key} in a template: no such key`);
  return id;
}

/** How many rows lie between an object's beginning and its end, the end included. */
function rowsToClose(rows: readonly TemplateRow[], from: number): number {
  let depth = 0;
  for (let index = from; index < rows.length; index++) {
    const operation = rows[index]?.operation;
    if (operation === OPEN || operation === OPEN_IF) depth++;
    if (operation === CLOSE && --depth === 0) return index - from;
  }
  throw new RangeError("Cannot place a template: an object in it has no end");
}
