import {
  type Constants,
  constantsOf,
  type Form,
  type Literal,
  type TemplateRow,
} from "#audit/core/constants.ts";
import type { Core } from "#audit/core/core.ts";
import { HOST, HOST_BYTES } from "#audit/core/layout.ts";
import { keyIds } from "#audit/keys.ts";

/** Text in the core's memory, or the text itself where there was no room. */
export type PlacedText = Literal | string;

const closeBrace = 0x7d;
const closeBracket = 0x5d;
/** Words of the log that are kept in the core, for each way to write them. */
const rememberedWords = 256;

/** Writes JSON through the core, for code that has strings and objects. */
export class Writer {
  readonly core: Core;
  readonly #constants: Constants;
  readonly #rendered = new Map<(word: string) => string, Map<string, Literal>>();

  constructor(core: Core) {
    this.core = core;
    this.#constants = constantsOf(core);
  }

  template(rows: readonly TemplateRow[]): number {
    return this.#constants.template(rows);
  }

  /** Text of the program's own, such as `"process":{`, placed in the core once. */
  literal(text: string): Literal {
    return this.#constants.literal(text);
  }

  /** Text with places to fill in. */
  form(text: string): Form {
    return this.#constants.form(text);
  }

  /** Text that may come from the log, placed in the core if there is room. */
  place(text: string): PlacedText {
    return this.#constants.word(text) ?? text;
  }

  /** Where a text is, until the next one is written. */
  locate(text: PlacedText): Literal {
    if (typeof text !== "string") return text;
    return { at: HOST, size: this.core.bytes.write(text, HOST, HOST_BYTES, "utf8") };
  }

  memberPlaced(text: PlacedText): void {
    this.memberLiteral(this.locate(text));
  }

  open(text: string): void {
    const { at, size } = this.#constants.literal(text);
    this.core.open(at, size);
  }

  openLiteral({ at, size }: Literal): void {
    this.core.open(at, size);
  }

  memberLiteral({ at, size }: Literal): void {
    this.core.writeMember(at, size);
  }

  valueLiteral({ at, size }: Literal): void {
    this.core.writeBytes(at, size);
  }

  /** Ends an object, or takes it back if it is empty. */
  close(): void {
    this.core.close(closeBrace);
  }

  /** Ends an array, or takes it back if it is empty. */
  closeArray(): void {
    this.core.close(closeBracket);
  }

  /** Ends an array even if it is empty. */
  keepArray(): void {
    this.core.closeKept(closeBracket);
  }

  /** Writes one or more whole members, or the name of one: `"name":`. */
  member(text: string): void {
    const literal = this.#constants.word(text);
    if (literal !== undefined) this.core.writeMember(literal.at, literal.size);
    else this.core.writeMember(HOST, this.core.bytes.write(text, HOST, HOST_BYTES, "utf8"));
  }

  /** Writes a member or element made of a word that comes from the log, such as a record's type. */
  literalFor(word: string, render: (word: string) => string): void {
    let known = this.#rendered.get(render);
    if (known === undefined) {
      known = new Map();
      this.#rendered.set(render, known);
    }
    const literal = known.get(word);
    if (literal !== undefined) {
      this.core.writeMember(literal.at, literal.size);
      return;
    }
    const text = render(word);
    const placed = known.size < rememberedWords ? this.#constants.word(text) : undefined;
    if (placed !== undefined) known.set(word, placed);
    this.member(text);
  }

  /** Writes JSON text that was made elsewhere, as members. */
  members(json: Uint8Array): void {
    this.core.bytes.set(json, HOST);
    this.core.writeMember(HOST, json.length);
  }

  /** The same for text that has a character for each byte. */
  latin1Members(json: string): void {
    this.core.writeMember(HOST, this.core.bytes.write(json, HOST, HOST_BYTES, "latin1"));
  }

  /** Writes a value behind the name of a member. */
  value(json: string): void {
    const size = this.core.bytes.write(json, HOST, HOST_BYTES, "utf8");
    this.core.writeBytes(HOST, size);
  }

  /** The same for short text of ASCII characters alone, which is faster byte by byte. */
  ascii(text: string): void {
    const { bytes } = this.core;
    for (let at = 0; at < text.length; at++) bytes[HOST + at] = text.charCodeAt(at);
    this.core.writeBytes(HOST, text.length);
  }

  /** Writes bytes as a JSON string, in pieces that fit. */
  string(bytes: Uint8Array): void {
    this.core.writeByte(0x22);
    this.text(bytes);
    this.core.writeByte(0x22);
  }

  /** Writes bytes as part of a JSON string. */
  text(bytes: Uint8Array): void {
    this.core.bytes.set(bytes.subarray(0, HOST_BYTES), HOST);
    this.core.writeText(HOST, Math.min(bytes.length, HOST_BYTES));
    if (bytes.length > HOST_BYTES) this.text(bytes.subarray(HOST_BYTES));
  }
}

/** The core's number for a field's name. */
export function key(name: string): number {
  const id = keyIds.get(name);
  if (id === undefined) throw new RangeError(`Cannot look for field ${name}: no such key`);
  return id;
}
