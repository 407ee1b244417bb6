import { accountSpan, findByRules, optionValue } from "./option-secrets.ts";
import { isCarrier, isShell, type ProgramRule, rulesOf } from "./program-rules.ts";
import { isHarmlessValue, nameKind } from "./secret-names.ts";
import { type ShellCommand, type ShellWord, splitShell } from "./shell-words.ts";
import { mergeSpans, type Span, spanOf } from "./span.ts";
import { findInText, valueSpan } from "./text-secrets.ts";

/** A shell that runs a shell that runs a shell: further down, only what tells itself is found. */
const deepest = 4;

/** Finds the secrets in the arguments of a program, its own name the first. One list for each argument. */
export function findInArguments(
  args: readonly string[],
  { isCut = false, depth = 0 }: { readonly isCut?: boolean; readonly depth?: number } = {},
): readonly (readonly Span[])[] {
  const starts = commandStarts(args);
  const texts = depth < deepest ? commandTexts(args, starts) : noTexts;
  const found = args.map((arg, index): Span[] => {
    const isText = texts.has(index);
    const isEnd = isCut && index === args.length - 1;
    return [
      ...(isText ? findInCommand(arg, depth + 1) : []),
      ...(isText && !isEnd ? [] : findInText(arg, isEnd)),
      ...(isText && args.length > 1 ? [] : findInList(arg)),
    ];
  });
  findByNames(args, found);
  for (const [number, start] of starts.entries()) {
    findByRules(args, start, starts[number + 1] ?? args.length, found);
  }
  return found.map((spans, index) => mergeSpans(args[index] ?? "", spans));
}

/** Finds the secrets in a shell's text. */
export function findInCommand(text: string, depth = 0): readonly Span[] {
  const spans: Span[] = [...findInText(text)];
  let before: ShellCommand | undefined;
  for (const command of splitShell(text)) {
    const { words } = command;
    const found = findInArguments(
      words.map((word) => word.text),
      { depth },
    );
    for (const [index, each] of found.entries()) spans.push(...placed(words[index], each));
    if (readsSecret(words)) spans.push(...readWords(command, before));
    before = command;
  }
  return withoutExpansions(text, mergeSpans(text, spans));
}

/** Finds the secrets in arguments that somebody joined with spaces, quotes and all as they were. */
export function findInJoined(text: string): readonly Span[] {
  const args = text.split(" ");
  const spans: Span[] = [...findInCommand(text)];
  let start = 0;
  for (const [index, each] of findInArguments(args).entries()) {
    for (const span of each) {
      spans.push({ ...span, start: span.start + start, end: span.end + start });
    }
    start += (args[index]?.length ?? 0) + 1;
  }
  return mergeSpans(text, spans);
}

/**
 * `NAME=secret`, `--name=secret`, `-o user=bob,password=secret`: what follows is the secret, whatever
 * it holds, as far as to the next name.
 */
function findInList(arg: string): readonly Span[] {
  if (!/^(?:\/\/|[-/])?[A-Za-z_-][\w.:/[\]@-]{0,200}=/.test(arg)) return [];
  const spans: Span[] = [];
  for (const { 1: name = "", index, 0: head } of arg.matchAll(listItem)) {
    const kind = nameKind(name);
    if (kind === undefined) continue;
    const start = index + head.length;
    nextItem.lastIndex = start;
    const next = nextItem.exec(arg);
    let end = next?.index ?? arg.length;
    while (next !== null && end > start && /[&;,\t-\r ]/.test(arg.charAt(end - 1))) end--;
    const value = valueSpan(arg, start, end);
    if (!isHarmlessValue(value.secret, kind)) spans.push(value);
  }
  return spans;
}

const listItem = /(?<=^|[&;,=\t-\r ]|^\/\/|^\/)([\w.:/[\]@-]{1,200})=/g;
const nextItem = /[&;,\t-\r ][A-Za-z_][\w.-]{0,128}=/g;

/** `--password secret`, `-token secret`: the name tells, the next argument is it. */
function findByNames(args: readonly string[], found: Span[][]): void {
  for (const [index, arg] of args.entries()) {
    const next = args[index + 1];
    if (next === undefined || !/^--?[A-Za-z][\w.-]*$/.test(arg) || arg.length < 3) continue;
    const kind = nameKind(arg);
    if (kind === undefined || isOption(next) || isHarmlessValue(next, kind)) continue;
    if (
      kind === "doubtful" &&
      next.includes(":") &&
      /(?:^|-)(?:auth|creds?|credentials?)$/.test(arg)
    ) {
      found[index + 1]?.push(...accountSpan(next, ":"));
    } else found[index + 1]?.push(optionValue(next, 0));
  }
}

function isOption(word: string): boolean {
  return /^--?[A-Za-z][\w-]*(?:=.*)?$/s.test(word);
}

/** Where in the arguments a program's name stands: first, and behind what runs others. */
function commandStarts(args: readonly string[]): readonly number[] {
  const first = args.findIndex((arg) => !/^[A-Za-z_]\w*=/.test(arg));
  if (first < 0) return [0];
  const starts = [first];
  if (!isCarrier(args[first] ?? "")) return starts;
  for (let index = first + 1; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (rulesOf(arg).length > 0 || isCarrier(arg)) starts.push(index);
  }
  return starts;
}

const noTexts: ReadonlySet<number> = new Set();

/** Which arguments are a shell's text: those of a shell, ssh or su, and a title that is one line. */
function commandTexts(args: readonly string[], starts: readonly number[]): ReadonlySet<number> {
  const texts = args.flatMap((arg, index) => {
    if (!/[\t-\r ;|&<]/.test(arg)) return [];
    const start = starts.findLast((each) => each < index);
    const isText = start === undefined ? args.length === 1 : isShell(args[start] ?? "");
    return isText || /\$\(|`/.test(arg) ? [index] : [];
  });
  return new Set(texts);
}

function readsSecret(words: readonly ShellWord[]): boolean {
  const args = words.map((word) => word.text);
  const given = new Set(args);
  return commandStarts(args).some((start) =>
    rulesOf(args[start] ?? "").some((rule) => readsBy(rule, given)),
  );
}

function readsBy({ reads }: ProgramRule, given: ReadonlySet<string>): boolean {
  if (reads === undefined || reads === "always") return reads === "always";
  return reads.split(" ").some((word) => given.has(word));
}

/** What `echo` and `printf` print for a command that reads a secret, and what `<<<` gives it. */
function readWords({ given, isPiped }: ShellCommand, before: ShellCommand | undefined): Span[] {
  const piped = isPiped ? (before?.words ?? []) : [];
  // Not the first word where somebody joined the arguments of `sh -c`.
  const printer = piped.findIndex((word) => /^(?:.*\/)?(?:echo|printf)$/.test(word.text));
  const printed = printer < 0 ? [] : piped.slice(printer + 1);
  const words = [...given, ...printed];
  return words.flatMap((word) => {
    if (/^-[neE]+$/.test(word.text) || /^%s(?:\\n)?$/.test(word.text)) return [];
    const account = /^[\w.-]{1,64}:(?=.)/.exec(word.text);
    const end = word.text.length - (/(?:\\n)+$/.exec(word.text)?.[0].length ?? 0);
    const start = account?.[0].length ?? 0;
    return placed(word, end > start ? [spanOf(word.text, start, end)] : []);
  });
}

/** Moves spans of a word's text to where they stand in the shell's text. */
function placed(word: ShellWord | undefined, spans: readonly Span[]): readonly Span[] {
  if (word === undefined || word.isExpansion) return [];
  return spans.map(({ start, end, secret }) => ({
    start: word.places[start] ?? 0,
    end: (word.places[end - 1] ?? 0) + 1,
    secret,
  }));
}

/** `$TOKEN` and `$(cat token)` are no secrets, but names of them. */
function withoutExpansions(text: string, spans: readonly Span[]): readonly Span[] {
  return spans.filter(({ secret, start }) => {
    const isName = /^(?:\$\w+|\$\{[^}]*\}|\$\([^)]*\)?.*|`[^`]*`?)$/s.test(secret);
    return !isName || text.charAt(start - 1) === "'";
  });
}
