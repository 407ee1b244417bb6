import {
  type Command,
  listCommands,
  type Option,
  optionsOf,
  type ValueForm,
} from "#cli/command.ts";

/** Renders a program's completions for zsh: a function for each command. */
export function renderZsh(program: Command): string {
  const functions = listCommands(program).map(({ path, command }) =>
    command.commands === undefined ? renderLeaf(path, command) : renderGroup(path, command),
  );
  return `#compdef ${program.name}
# Completions of ${program.name} for zsh. Generated from the table of its commands.

${functions.join("\n")}
${functionName([program.name])} "$@"
`;
}

function renderLeaf(path: readonly string[], command: Command): string {
  const rows = [
    ...optionsOf(command).map(renderOption),
    ...(command.arguments ?? []).map((each) =>
      quote(`${each.isRepeated === true ? "*" : ""}:${escapeRow(each.name)}:${actionOf(each)}`),
    ),
  ];
  return `${functionName(path)}() {\n  _arguments -s ${rows.join(" \\\n    ")}\n}\n`;
}

function renderGroup(path: readonly string[], command: Command): string {
  const commands = command.commands ?? [];
  const described = commands.map(({ name, summary }) => quote(`${name}:${summary}`));
  const calls = commands.map(({ name }) => `        ${name}) ${functionName([...path, name])} ;;`);
  return `${functionName(path)}() {
  local curcontext=$curcontext state line
  local -a commands=(${described.join(" ")})
  _arguments -C ${optionsOf(command).map(renderOption).join(" ")} ':command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
${calls.join("\n")}
      esac
      ;;
  esac
}
`;
}

function renderOption({ name, short, value, help }: Option): string {
  const text = `[${escapeRow(help)}]${value === undefined ? "" : `:${escapeRow(value.name)}:${actionOf(value)}`}`;
  const long = value === undefined ? `--${name}` : `--${name}=`;
  if (short === undefined) return quote(`${long}${text}`);
  const brief = value === undefined ? `-${short}` : `-${short}+`;
  return `${quote(`(-${short} --${name})`)}{${brief},${long}}${quote(text)}`;
}

function actionOf({ choices, isFile }: ValueForm): string {
  if (isFile === true) return "_files";
  return choices === undefined ? " " : `(${choices.join(" ")})`;
}

function functionName(path: readonly string[]): string {
  return `_${path.join("_").replaceAll("-", "_")}`;
}

/** What ends a text within a row of _arguments. */
function escapeRow(text: string): string {
  return text.replace(/[\\:[\]]/g, (character) => `\\${character}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
