import {
  type Command,
  listCommands,
  type Option,
  optionsOf,
  type ValueForm,
} from "#cli/command.ts";

/** Renders a program's completions for bash. */
export function renderBash(program: Command): string {
  const commands = listCommands(program);
  const name = functionName(program);
  return `# Completions of ${program.name} for bash. Generated from the table of its commands.
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path=${program.name} word
  # The shell takes --option=value for three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case "$path $word" in
      ${commands
        .slice(1)
        .map(({ path }) => `"${path.join(" ")}"`)
        .join(" | ")}) path+=" $word" ;;
    esac
  done
  case "$path $prev" in
${commands.flatMap(({ path, command }) => renderValues(path, command)).join("\n")}
  esac
  case $path in
${commands.map(({ path, command }) => renderWords(path, command)).join("\n")}
  esac
}
complete -F ${name} ${program.name}
`;
}

/** The name of a shell function for a program. */
function functionName({ name }: Command): string {
  return `_${name.replaceAll("-", "_")}`;
}

function renderValues(path: readonly string[], command: Command): readonly string[] {
  return optionsOf(command).flatMap((option) => {
    if (option.value === undefined) return [];
    const words = spellings(option).map((word) => `"${path.join(" ")} ${word}"`);
    return [`    ${words.join(" | ")})\n${renderReply(option.value)}\n      return\n      ;;`];
  });
}

function spellings({ name, short }: Option): readonly string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

function renderReply({ choices, isFile }: ValueForm): string {
  if (isFile === true) return `      compopt -o filenames\n${reply('-f -- "$cur"')}`;
  return choices === undefined
    ? "      COMPREPLY=()"
    : reply(`-W "${choices.join(" ")}" -- "$cur"`);
}

function renderWords(path: readonly string[], command: Command): string {
  const options = optionsOf(command).map(({ name }) => `--${name}`);
  const words = [...(command.commands ?? []).map(({ name }) => name), ...options].join(" ");
  const takesFiles = (command.arguments ?? []).some(({ isFile }) => isFile === true);
  const line = reply(`${takesFiles ? "-f " : ""}-W "${words}" -- "$cur"`);
  const head = takesFiles ? "      compopt -o filenames\n" : "";
  return `    "${path.join(" ")}")\n${head}${line}\n      ;;`;
}

function reply(words: string): string {
  return `      mapfile -t COMPREPLY < <(compgen ${words})`;
}
