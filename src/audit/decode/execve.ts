import type { RawField } from "./raw-field.ts";
import { digitsEnd, parseDecimal } from "./scan.ts";
import { decodeEncoded } from "./value.ts";

/** What is wrong with the arguments of an event. */
export type ArgumentProblem =
  /** Not every fragment of an argument came; those that did are joined. */
  | "fragments_missing"
  /** The fragments are not as long as the kernel said. */
  | "length_mismatch"
  /** Not every argument came; each of these stands as an empty one. */
  | "arguments_missing"
  /** There are more arguments than are kept. */
  | "too_many_arguments"
  /** The arguments have more bytes than are kept; those from the first too much on are left out. */
  | "arguments_too_long";

/** The arguments of one exec. */
export interface Arguments {
  readonly args: readonly Uint8Array[];
  /** How many there were, as the kernel counted. */
  readonly argc: number | undefined;
  readonly keptBytes: number;
  /** How many did not come at all. Kernels before 5.0 leave empty ones out. */
  readonly missing: number;
  readonly problems: readonly ArgumentProblem[];
}

/** Arguments kept of one exec, at most. */
export const KEPT_ARGUMENTS = 8_192;
/** Bytes of arguments kept of one exec, at most. */
const KEPT_BYTES = 1_048_576;

/**
 * Puts together the arguments in the EXECVE records of one event, in whatever order they came. Of
 * fields with the same key the first counts, and a whole argument goes before fragments of it.
 *
 * Source: audit_log_execve_info in the kernel's auditsc.c.
 */
export function assembleArguments(records: readonly (readonly RawField[])[]): Arguments {
  const parts = collect(records);
  const problems = new Set<ArgumentProblem>();
  const count = Math.max(parts.argc ?? 0, parts.last + 1);
  if (count > KEPT_ARGUMENTS) problems.add("too_many_arguments");
  const missing = count - parts.arguments.size;
  if (missing > 0) problems.add("arguments_missing");
  const args: Uint8Array[] = [];
  let keptBytes = 0;
  for (let index = 0; index < Math.min(count, KEPT_ARGUMENTS); index++) {
    const bytes = join(parts.arguments.get(index), problems);
    if (keptBytes + bytes.length > KEPT_BYTES) {
      problems.add("arguments_too_long");
      break;
    }
    keptBytes += bytes.length;
    args.push(bytes);
  }
  return { args, argc: parts.argc, keptBytes, missing, problems: [...problems] };
}

/** What came of one argument. */
interface Argument {
  whole?: RawField;
  readonly fragments: Map<number, RawField>;
  /** Its length as logged, hex digits counted. */
  length?: number;
}

interface Parts {
  readonly arguments: Map<number, Argument>;
  argc: number | undefined;
  /** The highest index seen, or -1. */
  last: number;
}

const empty = new Uint8Array();

function collect(records: readonly (readonly RawField[])[]): Parts {
  const parts: Parts = { arguments: new Map(), argc: undefined, last: -1 };
  for (const field of records.flat()) {
    if (field.key === "argc") parts.argc ??= decimal(field.value);
    const key = parseKey(field.key);
    if (key) addPart(parts, key, field);
  }
  return parts;
}

function addPart(parts: Parts, { index, part }: ArgumentKey, field: RawField): void {
  const argument: Argument = parts.arguments.get(index) ?? { fragments: new Map() };
  parts.arguments.set(index, argument);
  parts.last = Math.max(parts.last, index);
  if (part === "length") argument.length ??= decimal(field.value) ?? -1;
  else if (part === "whole") argument.whole ??= field;
  else if (!argument.fragments.has(part)) argument.fragments.set(part, field);
}

interface ArgumentKey {
  readonly index: number;
  /** The number of a fragment, or what else the field tells. */
  readonly part: "whole" | "length" | number;
}

function parseKey(key: string): ArgumentKey | undefined {
  const groups = /^a(?<index>\d{1,9})(?:(?<length>_len)|\[(?<fragment>\d{1,9})\])?$/.exec(
    key,
  )?.groups;
  if (groups === undefined) return undefined;
  const whole = groups.length === undefined ? "whole" : "length";
  return {
    index: Number(groups.index),
    part: groups.fragment === undefined ? whole : Number(groups.fragment),
  };
}

function decimal(bytes: Uint8Array): number | undefined {
  return parseDecimal(bytes, 0, digitsEnd(bytes, 0), 10);
}

function join(argument: Argument | undefined, problems: Set<ArgumentProblem>): Uint8Array {
  if (argument === undefined) return empty;
  if (argument.whole) return decodeEncoded(argument.whole);
  const fragments = [...argument.fragments].toSorted(([a], [b]) => a - b);
  const logged = fragments.reduce((sum, [, { value }]) => sum + value.length, 0);
  if (fragments.length === 0 || fragments.some(([number], index) => number !== index)) {
    problems.add("fragments_missing");
  } else if (argument.length !== logged) {
    problems.add("length_mismatch");
  }
  return Buffer.concat(fragments.map(([, field]) => decodeEncoded(field, true)));
}
