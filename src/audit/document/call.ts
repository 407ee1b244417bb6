import { type EcsAction, syscallActions } from "#audit/actions.ts";
import type { Core } from "#audit/core/core.ts";
import { VALUE_SIZE, VALUE_START } from "#audit/core/fields.ts";
import { FIELD_ROW_BYTES, FIELDS } from "#audit/core/layout.ts";
import { architectureOf } from "#audit/tables/arch.ts";
import { syscallName } from "#audit/tables/syscalls.ts";
import { groups } from "./event-view.ts";
import { key } from "./writer.ts";

/** A system call as its SYSCALL record names it. */
export interface Call {
  /** `execve`; the number as logged where no table has it and the log was not enriched. */
  readonly name: string;
  readonly littleEndian: boolean;
  readonly action: EcsAction | undefined;
  /** The JSON members that name call and architecture. */
  readonly json: Buffer;
}

const keys = { arch: key("arch"), syscall: key("syscall"), SYSCALL: key("SYSCALL") };
const rememberedCalls = 4_096;

/** Names system calls, each pair of architecture and number once. */
export class Calls {
  readonly #core: Core;
  readonly #known = new Map<number, Call>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** The call of the SYSCALL record in the main group. */
  call(): Call {
    const arch = this.#core.slot(groups.main, keys.arch);
    const number = this.#core.slot(groups.main, keys.syscall);
    const id = parseSmall(this.#core, arch, 16) * 65_536 + parseSmall(this.#core, number, 10);
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const call = this.#nameCall(arch, number);
    if (id >= 0 && this.#known.size < rememberedCalls) this.#known.set(id, call);
    return call;
  }

  #nameCall(arch: number, number: number): Call {
    const archText = fieldText(this.#core, arch);
    const numberText = fieldText(this.#core, number);
    const architecture = architectureOf(Number.parseInt(archText, 16));
    const named =
      architecture === undefined ? undefined : syscallName(architecture.name, Number(numberText));
    const enriched = fieldText(this.#core, this.#core.slot(groups.main, keys.SYSCALL));
    const name = named ?? (enriched === "" ? numberText : enriched);
    const members = JSON.stringify({ arch: architecture?.name ?? archText, syscall: name });
    return {
      name,
      json: Buffer.from(members.slice(1, -1)),
      littleEndian: architecture?.littleEndian ?? true,
      action: syscallActions[name],
    };
  }
}

/** The value of a field as logged, as text; empty if there is no such field. */
export function fieldText(core: Core, field: number): string {
  if (field === 0) return "";
  const row = (FIELDS + field * FIELD_ROW_BYTES) >> 2;
  const start = core.words[row + (VALUE_START >> 2)] ?? 0;
  return core.bytes.toString("latin1", start, start + (core.words[row + (VALUE_SIZE >> 2)] ?? 0));
}

/** The first byte of a field's value, as a character code; 0 if there is no such field or no value. */
export function firstByte(core: Core, field: number): number {
  if (field === 0) return 0;
  const row = (FIELDS + field * FIELD_ROW_BYTES) >> 2;
  if (core.words[row + (VALUE_SIZE >> 2)] === 0) return 0;
  return core.bytes[core.words[row + (VALUE_START >> 2)] ?? 0] ?? 0;
}

/** Reads a number of at most eight digits; a negative one for anything else. */
export function parseSmall(core: Core, field: number, radix: 8 | 10 | 16): number {
  if (field === 0) return Number.NEGATIVE_INFINITY;
  const row = (FIELDS + field * FIELD_ROW_BYTES) >> 2;
  const start = core.words[row + (VALUE_START >> 2)] ?? 0;
  const size = core.words[row + (VALUE_SIZE >> 2)] ?? 0;
  if (size === 0 || size > 8) return Number.NEGATIVE_INFINITY;
  let value = 0;
  for (let at = start; at < start + size; at++) {
    const byte = core.bytes[at] ?? 0;
    const digit = byte < 0x3a ? byte - 0x30 : byte - 0x57;
    if (digit < 0 || digit >= radix) return Number.NEGATIVE_INFINITY;
    value = value * radix + digit;
  }
  return value;
}
