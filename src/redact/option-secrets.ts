import { type ProgramRule, rulesOf } from "./program-rules.ts";
import { isHarmlessValue, nameKind } from "./secret-names.ts";
import { type Span, spanOf } from "./span.ts";
import { valueSpan } from "./text-secrets.ts";

/** Adds what the rules of the program at `start` tell of the arguments up to `end`. */
export function findByRules(
  args: readonly string[],
  start: number,
  end: number,
  found: Span[][],
): void {
  for (const rule of rulesOf(args[start] ?? "")) {
    const from = rule.after === undefined ? start : afterWord(args, start, end, rule.after);
    if (from < 0) continue;
    findOptions(rule, args, from, end, found);
    if (rule.operands !== undefined || rule.accounts !== undefined) {
      findOperands(rule, args, from, end, found);
    }
    if (rule.pairs) findPairs(args, from, end, found);
    if (rule.harmless !== undefined) dropHarmless(rule.harmless, args, start, end, found);
  }
}

/** A secret that is all of a word, or what of it stands behind `start`. */
export function optionValue(arg: string, start: number): Span {
  return valueSpan(arg, start, arg.length);
}

/** The part of `account:secret` that is secret; nothing if there is no separator. */
export function accountSpan(arg: string, separator: string, from = 0): readonly Span[] {
  const pattern = new RegExp(separator);
  const rest = arg.slice(from);
  const match = pattern.exec(rest);
  if (match === null) return [];
  const start = from + match.index + match[0].length;
  // `user/secret@database`, `domain/user:secret@host`
  const at = separator === "/" || rest.includes("@") ? arg.lastIndexOf("@") : -1;
  const isHost = at > start && /^[\w.:/[\]-]*$/.test(arg.slice(at + 1));
  const end = isHost && separator !== "^pass:" && from === 0 ? at : arg.length;
  return end > start ? [spanOf(arg, start, end)] : [];
}

function afterWord(args: readonly string[], start: number, end: number, after: string): number {
  const words = after.split(" ");
  for (let index = start + 1; index < end; index++) {
    if (words.includes(args[index] ?? "")) return index;
  }
  return -1;
}

function findOptions(
  rule: ProgramRule,
  args: readonly string[],
  from: number,
  end: number,
  found: Span[][],
): void {
  const options = optionsOf(rule);
  for (let index = from + 1; index < end; index++) {
    for (const option of options) {
      const place = placeOfValue(args, index, end, option);
      if (place === undefined) continue;
      const value = args[place.index] ?? "";
      const spans =
        option.kind === "account"
          ? accountOption(value, rule.separator ?? ":", place.start)
          : [optionValue(value, place.start)];
      found[place.index]?.push(...spans.filter(({ secret }) => !isReferenceOnly(secret)));
    }
  }
}

/** An option of a rule, and where it has its value. */
interface Option {
  readonly name: string;
  readonly kind: "secret" | "next" | "attached" | "account";
}

function optionsOf({ secret, next, attached, account }: ProgramRule): readonly Option[] {
  return [
    ...list(secret).map((name): Option => ({ name, kind: "secret" })),
    ...list(next).map((name): Option => ({ name, kind: "next" })),
    ...list(attached).map((name): Option => ({ name, kind: "attached" })),
    ...list(account).map((name): Option => ({ name, kind: "account" })),
  ];
}

/** An account of an option ends with the word, whatever the secret holds. */
function accountOption(value: string, separator: string, start: number): readonly Span[] {
  const match = new RegExp(separator).exec(value.slice(start));
  if (match === null) return [];
  const from = start + match.index + match[0].length;
  return from < value.length ? [spanOf(value, from)] : [];
}

/** Where the value of an option stands, if it is this option that stands at `index`. */
function placeOfValue(
  args: readonly string[],
  index: number,
  end: number,
  { name, kind }: Option,
): { readonly index: number; readonly start: number } | undefined {
  const arg = args[index] ?? "";
  const next = kind !== "attached" && index + 1 < end ? { index: index + 1, start: 0 } : undefined;
  if (arg === name) return next;
  if (kind === "next") return undefined;
  if (!/^-\w$/.test(name)) {
    const isPrefix = name.endsWith(":") || name === "-hp";
    const head = isPrefix ? name : `${name}=`;
    return arg.startsWith(head) ? { index, start: head.length } : undefined;
  }
  if (arg.startsWith(name)) return { index, start: name.length };
  // `-sSu user:secret`: the letter ends a word of several.
  return /^-[A-Za-z]{2,6}$/.test(arg) && arg.endsWith(name.charAt(1)) ? next : undefined;
}

function findOperands(
  rule: ProgramRule,
  args: readonly string[],
  from: number,
  end: number,
  found: Span[][],
): void {
  const letter = rule.ifOption;
  const words = args.slice(from + 1, end);
  const has = (word: string) =>
    letter !== undefined && new RegExp(`^-[A-Za-z]*${letter}`).test(word);
  if (letter !== undefined && !words.some(has)) return;
  const taking = new Set(list(rule.takes));
  let operand = 0;
  for (let index = from + 1; index < end; index++) {
    const arg = args[index] ?? "";
    if (taking.has(arg)) index++;
    if (/^-./.test(arg)) continue;
    if (rule.operands?.includes(operand) && !isReferenceOnly(arg) && !arg.startsWith("/")) {
      found[index]?.push(spanOf(arg, 0));
    }
    if (rule.accounts?.includes(operand)) {
      found[index]?.push(...accountSpan(arg, rule.separator ?? ":"));
    }
    operand++;
  }
}

/** `password secret` as two operands. */
function findPairs(args: readonly string[], start: number, end: number, found: Span[][]): void {
  for (let index = start + 1; index + 1 < end; index++) {
    const [name = "", value = ""] = args.slice(index, index + 2);
    if (name.startsWith("-") || /[\t-\r =]/.test(name) || /^-/.test(value)) continue;
    const kind = nameKind(name);
    if (kind === "secret" && !isHarmlessValue(value, kind))
      found[index + 1]?.push(spanOf(value, 0));
  }
}

function dropHarmless(
  harmless: string,
  args: readonly string[],
  start: number,
  end: number,
  found: Span[][],
): void {
  const names = list(harmless);
  for (let index = start + 1; index < end; index++) {
    const arg = args[index] ?? "";
    const before = args[index - 1] ?? "";
    if (names.includes(before) || names.some((name) => arg.startsWith(`${name}=`))) {
      found[index]?.splice(0);
    }
  }
}

/** What stands for a secret somewhere else. */
function isReferenceOnly(value: string): boolean {
  return value === "" || value === "-" || /^<redacted:[0-9a-f]{12}>$/.test(value);
}

function list(words: string | undefined): readonly string[] {
  return words === undefined ? [] : words.split(" ");
}
