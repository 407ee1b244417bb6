import { type EcsAction, syscallActions } from "#audit/actions.ts";
import type { Core } from "#audit/core/core.ts";
import { OUTER } from "#audit/core/fields.ts";
import { latin1 } from "#audit/decode/scan.ts";
import { architectureOf } from "#audit/tables/arch.ts";
import { syscallName } from "#audit/tables/syscalls.ts";
import { type EventView, groups } from "./event-view.ts";
import { fieldText, parseSmall } from "./field-values.ts";
import { multiplexedCalls } from "./multiplexed.ts";
import { rawFields } from "./raw-fields.ts";
import { key } from "./writer.ts";

/** A system call as its SYSCALL record names it. */
export interface Call {
  /**
   * `execve`; the number as logged where no table has it and the log was not enriched. Of a call that
   * stands for several, such as i386's socketcall, it is the one that was meant.
   */
  readonly name: string;
  readonly littleEndian: boolean;
  readonly action: EcsAction | undefined;
  /** The argument with the flags of an open(), 0 for other calls. */
  readonly flags: number;
  /** It may start at a directory given by descriptor. */
  readonly takesDirectory: boolean;
  /** It gives a file another name. */
  readonly takesTwoNames: boolean;
  /** The JSON members that name call and architecture. */
  readonly json: Buffer;
  /** The calls that this one stands for, by its first argument. */
  readonly meant: ReadonlyMap<number, Call> | undefined;
}

const keys = {
  arch: key("arch"),
  syscall: key("syscall"),
  SYSCALL: key("SYSCALL"),
  a0: key("a0"),
  a1: key("a1"),
  a2: key("a2"),
};
const rememberedCalls = 4_096;
/** Which argument of the calls that open files holds flags. */
const flagArguments: ReadonlyMap<string, number> = new Map([
  ["open", keys.a1],
  ["openat", keys.a2],
  ["open_by_handle_at", keys.a2],
]);
/** O_WRONLY, O_RDWR and O_TRUNC, the same on each architecture that has a table. */
const writingFlags = 0x203;

/** Names system calls, each pair of architecture and number once. */
export class Calls {
  readonly #core: Core;
  readonly #known = new Map<number, Call>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** The call of the SYSCALL or SECCOMP record in the main group. */
  call(): Call {
    const arch = this.#core.slot(groups.main, keys.arch);
    const number = this.#core.slot(groups.main, keys.syscall);
    const id = parseSmall(this.#core, arch, 16) * 65_536 + parseSmall(this.#core, number, 10);
    let call = this.#known.get(id);
    if (call === undefined) {
      call = this.#nameCall(arch, number);
      if (id >= 0 && this.#known.size < rememberedCalls) this.#known.set(id, call);
    }
    if (call.meant === undefined) return call;
    // The upper half of ipc()'s first argument is a version.
    const meant = parseSmall(this.#core, this.#core.slot(groups.main, keys.a0), 16) & 0xffff;
    return call.meant.get(meant) ?? call;
  }

  #nameCall(arch: number, number: number): Call {
    const archText = fieldText(this.#core, arch);
    const numberText = fieldText(this.#core, number);
    const architecture = architectureOf(Number.parseInt(archText, 16));
    const named =
      architecture === undefined ? undefined : syscallName(architecture.name, Number(numberText));
    const enriched = fieldText(this.#core, this.#core.slot(groups.main, keys.SYSCALL));
    const name = named ?? (isCallName(enriched) ? enriched : numberText);
    const members = JSON.stringify({ arch: architecture?.name ?? archText, syscall: name });
    const call = {
      name,
      json: Buffer.from(members.slice(1, -1)),
      littleEndian: architecture?.littleEndian ?? true,
      action: syscallActions[name],
      flags: flagArguments.get(name) ?? 0,
      takesDirectory: name.includes("at"),
      takesTwoNames: name.startsWith("rename") || name.startsWith("link"),
      meant: undefined,
    };
    const meant = multiplexedCalls(name);
    if (meant.length === 0) return call;
    return { ...call, meant: new Map(meant.map((each) => meantCall(call, each))) };
  }
}

function meantCall(call: Call, [number, name]: readonly [number, string]): [number, Call] {
  return [number, { ...call, name, action: syscallActions[name] ?? call.action }];
}

/** auditd names what its table does not have `unknown-syscall(471)`. */
function isCallName(enriched: string): boolean {
  return enriched !== "" && !enriched.startsWith("unknown-syscall");
}

/** Tells whether a call that opens a file asks to write to it or to empty it. */
export function opensForWriting(core: Core, { name, flags }: Call, view: EventView): boolean {
  if (flags !== 0)
    return (parseSmall(core, core.slot(groups.main, flags), 16) & writingFlags) !== 0;
  if (name !== "openat2") return false;
  const how = view.others.find(({ typeName }) => typeName === "OPENAT2");
  const field = how && rawFields(core, how, OUTER).find((each) => each.key === "oflag");
  return field !== undefined && (Number.parseInt(latin1(field.value), 8) & writingFlags) !== 0;
}
