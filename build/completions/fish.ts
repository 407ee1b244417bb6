import { type Command, listCommands, type Option, optionsOf } from "#cli/command.ts";

/** Renders a program's completions for fish: a line for each word. */
export function renderFish(program: Command): string {
  const start = `complete -c ${program.name}`;
  const lines = listCommands(program).flatMap(({ path, command }) => {
    const where = `${start} -n ${quote(condition(path, command))}`;
    const takesFiles = (command.arguments ?? []).some(({ isFile }) => isFile === true);
    return [
      ...(command.commands ?? []).map(
        ({ name, summary }) => `${where} -a ${name} -d ${quote(summary)}`,
      ),
      ...(takesFiles ? [`${where} -F`] : []),
      ...optionsOf(command).map((option) => `${where} ${renderOption(option)}`),
    ];
  });
  const head = `# Completions of ${program.name} for fish. Generated from the table of its commands.`;
  return `${[head, `${start} -f`, ...lines].join("\n")}\n`;
}

/** Holds where the words that lead to the command stand, and none that leads on. */
function condition(path: readonly string[], { commands = [] }: Command): string {
  const seen = path.slice(1).map((name) => `__fish_seen_subcommand_from ${name}`);
  const names = commands.map(({ name }) => name).join(" ");
  const further = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${names}`];
  return [...seen, ...further].join("; and ");
}

function renderOption({ name, short, value, help }: Option): string {
  const words = [`-l ${name}`];
  if (short !== undefined) words.push(`-s ${short}`);
  if (value?.isFile === true) words.push("-r -F");
  else if (value?.choices !== undefined) words.push(`-x -a ${quote(value.choices.join(" "))}`);
  else if (value !== undefined) words.push("-x");
  return `${words.join(" ")} -d ${quote(help)}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}
