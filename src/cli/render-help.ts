import { exitCodes } from "#base/failure.ts";
import { type Argument, type Command, type Option, optionsOf } from "./command.ts";

const widthColumns = 80;
const longestTerm = 22;

/** What the exit codes that every command may end with mean. */
const commonExitCodes: Readonly<Record<number, string>> = {
  0: "It did what it was asked to.",
  [exitCodes["usage.invalid"]]: "The command line is wrong.",
};

/** Renders the help of a command for a terminal. */
export function renderHelp(path: readonly string[], command: Command): string {
  const parts = [
    `Usage: ${renderUsage(path, command)}`,
    ...command.description.map((paragraph) => wrap(paragraph, "").join("\n")),
    renderRows(
      "Commands",
      (command.commands ?? []).map(({ name, summary }) => [name, summary]),
    ),
    renderRows(
      "Arguments",
      (command.arguments ?? []).map(({ name, help }) => [name, help]),
    ),
    renderRows(
      "Options",
      optionsOf(command).map((option) => [renderOption(option), option.help]),
    ),
    renderExamples(command),
    renderRows("Exit codes", Object.entries(exitCodesOf(command))),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Renders how a command is called, in one line. */
export function renderUsage(path: readonly string[], command: Command): string {
  const rest = command.commands === undefined ? [] : ["COMMAND"];
  const positionals = (command.arguments ?? []).map(renderArgument);
  return [...path, "[OPTION]...", ...rest, ...positionals].join(" ");
}

/** Renders an option as help lists it: `-f, --file=FILE`. */
export function renderOption({ name, short, value }: Option): string {
  const head = short === undefined ? "    " : `-${short}, `;
  return `${head}--${name}${value === undefined ? "" : `=${value.name}`}`;
}

/** The exit codes of a command, those that all have included. */
export function exitCodesOf(command: Command): Readonly<Record<number, string>> {
  return { ...commonExitCodes, ...command.exitCodes };
}

function renderArgument({ name, isRequired, isRepeated }: Argument): string {
  const text = isRepeated === true ? `${name}...` : name;
  return isRequired === true ? text : `[${text}]`;
}

function renderRows(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return "";
  const longest = Math.max(...rows.map(([term]) => term.length));
  const column = Math.min(longest, longestTerm) + 4;
  const lines = rows.flatMap(([term, text]) => {
    const [first = "", ...others] = wrap(text, " ".repeat(column));
    return term.length > longestTerm
      ? [`  ${term}`, first, ...others]
      : [`  ${term}`.padEnd(column) + first.trimStart(), ...others];
  });
  return [`${title}:`, ...lines].join("\n");
}

function renderExamples({ examples = [] }: Command): string {
  if (examples.length === 0) return "";
  const lines = examples.flatMap(({ line, help }) => [`  ${line}`, ...wrap(help, "      ")]);
  return ["Examples:", ...lines].join("\n");
}

function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > widthColumns) {
      lines.push(indent + line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, indent + line];
}
