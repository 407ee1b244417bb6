import { type Command, listCommands, optionsOf } from "#cli/command.ts";
import { exitCodesOf, renderOption, renderUsage } from "#cli/render-help.ts";
import { version } from "#product/version.ts";
import {
  escapeRoff,
  renderLines,
  renderParagraphs,
  renderReferences,
  renderSection,
  renderSubsection,
  renderTerm,
  renderTitle,
} from "./roff.ts";

/** What a page has besides its program's table. */
export interface PageFrame {
  readonly section: number;
  /** By title of the section, terms and what they mean. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly seeAlso: readonly string[];
}

/** Renders the manual page of a program with all its commands. */
export function renderProgramPage(program: Command, frame: PageFrame): string {
  const commands = listCommands(program).filter(({ command }) => command.run !== undefined);
  const lines = [
    renderTitle(program.name, frame.section, `LinuxGuard ${version}`),
    ...renderSection("NAME", [`${escapeRoff(program.name)} \\- ${escapeRoff(program.summary)}`]),
    ...renderSection("SYNOPSIS", renderSynopsis(commands)),
    ...renderSection("DESCRIPTION", renderParagraphs(program.description)),
    ...renderSection("OPTIONS", renderOptions(program)),
    ...renderSection(
      "COMMANDS",
      commands.flatMap(({ path, command }) => renderCommand(path, command)),
    ),
    ...renderSection("EXIT STATUS", renderExitCodes(commands)),
    ...Object.entries(frame.tables).flatMap(([title, rows]) => {
      return renderSection(
        title,
        Object.entries(rows).flatMap(([term, text]) => renderTerm(term, text)),
      );
    }),
    ...renderSection("EXAMPLES", renderExamples(commands)),
    ...renderSection("SEE ALSO", renderReferences(frame.seeAlso)),
  ];
  return `${lines.join("\n")}\n`;
}

type Commands = ReturnType<typeof listCommands>;

function renderSynopsis(commands: Commands): readonly string[] {
  return commands.flatMap(({ path, command }, index) => {
    const rest = renderUsage(path, command).slice(path.join(" ").length + 1);
    const line = `.B "${escapeRoff(path.join(" "))}"\n${escapeRoff(rest)}`;
    return index === 0 ? [line] : [".br", line];
  });
}

function renderCommand(path: readonly string[], command: Command): readonly string[] {
  const positionals = command.arguments ?? [];
  return [
    renderSubsection(path.slice(1).join(" ")),
    ...renderParagraphs(command.description),
    ...positionals.flatMap(({ name, help }) => renderTerm(name, help)),
    ...renderOptions({ ...command, options: command.options ?? [] }),
  ];
}

function renderOptions(command: Command): readonly string[] {
  return optionsOf(command).flatMap((option) =>
    renderTerm(renderOption(option).trim(), option.help),
  );
}

/** Where commands mean different things by one code, each meaning is told. */
function renderExitCodes(commands: Commands): readonly string[] {
  const meanings = new Map<string, Set<string>>();
  for (const { command } of commands) {
    for (const [code, text] of Object.entries(exitCodesOf(command))) {
      meanings.set(code, (meanings.get(code) ?? new Set()).add(text));
    }
  }
  return [...meanings]
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .flatMap(([code, texts]) => renderTerm(code, [...texts].join(" ")));
}

function renderExamples(commands: Commands): readonly string[] {
  const examples = commands.flatMap(({ command }) => command.examples ?? []);
  return examples.flatMap(({ line, help }, index) => [
    ...(index === 0 ? [] : [".PP"]),
    escapeRoff(help),
    ...renderLines([line]),
  ]);
}
