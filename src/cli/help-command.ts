import type { Command, Handler } from "./command.ts";
import { findCommand } from "./parse-arguments.ts";
import { renderHelp } from "./render-help.ts";

/** Shows the help of the command that the arguments name. */
const showHelp: Handler = async ({ program, arguments: names }, io) => {
  let command = program;
  let path: readonly string[] = [program.name];
  for (const name of names) {
    command = findCommand(command, path, name);
    path = [...path, name];
  }
  await io.stdout.write(renderHelp(path, command));
  return 0;
};

/** `help` of both programs. */
export const helpCommand: Command = {
  name: "help",
  summary: "Show the help of a command",
  description: ["Shows the help of a command, the same as its option --help."],
  arguments: [{ name: "COMMAND", help: "The command, word by word.", isRepeated: true }],
  run: showHelp,
};
