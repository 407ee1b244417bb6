import { parseArgs } from "node:util";
import { Failure } from "#base/failure.ts";
import { findNearest } from "#base/nearest.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { type Command, type Invocation, type Option, optionsOf } from "./command.ts";

/** A command line that fits a command. */
export interface ParsedArguments {
  /** The names that lead to the command. */
  readonly path: readonly string[];
  readonly command: Command;
  readonly invocation: Invocation;
}

/** Finds the command that is meant and reads its options, or throws `usage.invalid`. */
export function parseArguments(program: Command, argv: readonly string[]): ParsedArguments {
  let command = program;
  let path: readonly string[] = [program.name];
  let rest = argv;
  for (;;) {
    const [first, ...others] = rest;
    if (command.commands === undefined || first === undefined || first.startsWith("-")) break;
    command = findCommand(command, path, first);
    path = [...path, first];
    rest = others;
  }
  return { path, command, invocation: parseRest(program, command, path, rest) };
}

/** Finds a command by its name, or throws `usage.invalid` and tells which one was meant. */
export function findCommand(parent: Command, path: readonly string[], name: string): Command {
  const commands = parent.commands ?? [];
  const found = commands.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = commands.map((each) => each.name);
  throw misused("find command", name, path, findNearest(name, names));
}

function parseRest(
  program: Command,
  command: Command,
  path: readonly string[],
  argv: readonly string[],
): Invocation {
  const known = new Map(optionsOf(command).map((option) => [option.name, option]));
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      optionsOf(command).map(({ name, short, value }) => [
        name,
        { type: value === undefined ? "boolean" : "string", ...(short && { short }) } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options = new Map<string, string | true>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = known.get(token.name);
    if (option === undefined) {
      const names = [...known.keys()].map((name) => `--${name}`);
      throw misused("find option", token.rawName, path, findNearest(token.rawName, names));
    }
    options.set(option.name, checkValue(option, token, path));
  }
  if (!options.has("help")) checkPositionals(command, path, positionals);
  return { program, options, arguments: positionals };
}

function checkValue(
  { value: form, name }: Option,
  { value, inlineValue }: { readonly value?: string | undefined; readonly inlineValue?: unknown },
  path: readonly string[],
): string | true {
  if (form === undefined) {
    if (value === undefined) return true;
    throw misused(`give option --${name} a value`, value, path, undefined);
  }
  const looksLikeOption = inlineValue !== true && /^-./.test(value ?? "");
  if (value === undefined || looksLikeOption) {
    throw new Failure("usage.invalid", `Cannot read option --${name}: it needs a value`, {
      hint: `Write --${name}=${form.name}.`,
    });
  }
  if (form.choices?.includes(value) === false) {
    throw new Failure("usage.invalid", refusal(`read option --${name}`, value), {
      hint: `Give ${form.choices.join(", ")}.`,
    });
  }
  return value;
}

function checkPositionals(
  command: Command,
  path: readonly string[],
  positionals: readonly string[],
): void {
  const forms = command.arguments ?? [];
  const isOpen = forms.some(({ isRepeated }) => isRepeated === true);
  const extra = isOpen ? undefined : positionals[forms.length];
  if (extra !== undefined) throw misused("read argument", extra, path, undefined);
  const missing = forms.find(
    ({ isRequired }, index) => isRequired === true && positionals[index] === undefined,
  );
  if (missing === undefined) return;
  throw new Failure("usage.invalid", `Cannot run ${path.join(" ")}: ${missing.name} is missing`, {
    hint: `See ${path.join(" ")} --help.`,
  });
}

function misused(
  what: string,
  text: string,
  path: readonly string[],
  meant: string | undefined,
): Failure {
  const hint = meant === undefined ? `See ${path.join(" ")} --help.` : `Did you mean "${meant}"?`;
  return new Failure("usage.invalid", refusal(what, text), { hint });
}

function refusal(what: string, text: string): string {
  return `Cannot ${what}: current value is "${escapeUnprintable(text)}"`;
}
