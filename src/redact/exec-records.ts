import { findInArguments } from "./command-secrets.ts";
import { decodeValue, encodeValue } from "./encoded-value.ts";
import type { Redactor } from "./redactor.ts";

/** Arguments that are looked at together. Source: what is kept of one exec, see `KEPT_ARGUMENTS`. */
const highestIndex = 65_536;

/** A piece of a line that is to be another. */
interface Edit {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where a field of an argument stands. */
interface Field {
  readonly line: number;
  /** Where the space before its key stands. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  readonly value: string;
  /** The number of a fragment. */
  readonly fragment: number;
}

/** All there is of one argument. */
interface Argument {
  readonly wholes: Field[];
  readonly fragments: Field[];
  readonly lengths: Field[];
}

/** Lines with their secrets replaced, and the secrets, for the process's title may end within one. */
export interface RedactedExec {
  readonly texts: readonly string[];
  readonly secrets: ReadonlySet<string>;
}

/**
 * Replaces the secrets in the arguments of one exec, which may be split over fields and records. An
 * argument that came in fragments and has a secret is one fragment afterwards, its length told right.
 *
 * Source: audit_log_execve_info in the kernel's auditsc.c.
 */
export function redactExec(lines: readonly string[], redactor: Redactor): RedactedExec {
  const fields = collect(lines);
  const secrets = new Set<string>();
  if (fields.size === 0) return { texts: lines, secrets };
  const indexes = [...fields.keys()].toSorted((a, b) => a - b);
  const args = indexes.map((index) => textOf(fields.get(index)));
  const found = findInArguments(args);
  const edits: Edit[] = [];
  for (const [place, index] of indexes.entries()) {
    for (const { secret } of found[place] ?? []) secrets.add(secret);
    const changed = redactor.replace(args[place] ?? "", found[place] ?? []);
    const argument = fields.get(index);
    if (changed !== undefined && argument !== undefined) edits.push(...editsOf(argument, changed));
  }
  return { texts: applied(lines, edits), secrets };
}

const argumentField = / a(\d{1,9})(?:(_len)|\[(\d{1,9})\])?=("[^"]*"?|[^ ]*)/g;

/** The fields of arguments, by index. Only an exec's records have such. */
function collect(lines: readonly string[]): ReadonlyMap<number, Argument> {
  const all = new Map<number, Argument>();
  for (const [line, text] of lines.entries()) {
    if (!text.includes(" a")) continue;
    for (const match of text.matchAll(argumentField)) addField(all, line, match);
  }
  return all;
}

function addField(all: Map<number, Argument>, line: number, match: RegExpExecArray): void {
  const { 0: whole, 1: digits, 2: length, 3: fragment, 4: value = "" } = match;
  const index = Number(digits);
  if (index > highestIndex) return;
  const argument = all.get(index) ?? { wholes: [], fragments: [], lengths: [] };
  all.set(index, argument);
  const end = match.index + whole.length;
  const valueStart = end - value.length;
  const number = Number(fragment ?? 0);
  const field = { line, start: match.index, valueStart, end, value, fragment: number };
  if (length !== undefined) argument.lengths.push(field);
  else if (fragment !== undefined) argument.fragments.push(field);
  else argument.wholes.push(field);
}

function textOf(argument: Argument | undefined): string {
  const [whole] = argument?.wholes ?? [];
  if (whole !== undefined) return decodeValue(whole.value).text;
  const fragments = (argument?.fragments ?? []).toSorted((a, b) => a.fragment - b.fragment);
  return fragments.map(({ value }) => decodeValue(value, true).text).join("");
}

function editsOf({ wholes, fragments, lengths }: Argument, changed: string): readonly Edit[] {
  const value = encodeValue(changed);
  const loggedLength = value.startsWith('"') ? value.length - 2 : value.length;
  const [first, ...others] = fragments.toSorted((a, b) => a.fragment - b.fragment);
  const isSplit = wholes.length === 0;
  return [
    ...wholes.map((field) => replaced(field, value)),
    ...(first === undefined ? [] : [replaced(first, isSplit ? value : '""')]),
    ...others.map(({ line, start, end }) => ({ line, start, end, text: "" })),
    ...lengths.map((field) => replaced(field, String(isSplit ? loggedLength : 0))),
  ];
}

function replaced({ line, valueStart, end }: Field, text: string): Edit {
  return { line, start: valueStart, end, text };
}

/** The lines with edits made, the last place of each first, so that places stay right. */
function applied(lines: readonly string[], edits: readonly Edit[]): readonly string[] {
  const texts = [...lines];
  for (const { line, start, end, text } of edits.toSorted((a, b) => b.start - a.start)) {
    const before = texts[line] ?? "";
    texts[line] = before.slice(0, start) + text + before.slice(end);
  }
  return texts;
}
