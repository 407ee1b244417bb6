import { exitCodes, Failure } from "#base/failure.ts";
import { escapeUnprintable } from "#base/printable.ts";
import type { Command, Io } from "./command.ts";
import { parseArguments } from "./parse-arguments.ts";
import { renderHelp } from "./render-help.ts";
import { showVersion, versionOption } from "./version-command.ts";

/** Runs the command that a command line names and returns its exit code; a bug is thrown on. */
export async function runProgram(
  program: Command,
  argv: readonly string[],
  io: Io,
): Promise<number> {
  try {
    const { path, command, invocation } = parseArguments(program, argv);
    if (invocation.options.has("help")) {
      await io.stdout.write(renderHelp(path, command));
      return 0;
    }
    if (invocation.options.has(versionOption.name)) return await showVersion(invocation, io);
    if (command.run !== undefined) return await command.run(invocation, io);
    await io.stderr.write(renderHelp(path, command));
    return exitCodes["usage.invalid"];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await io.stderr.write(renderFailure(program.name, error));
    return exitCodes[error.code];
  }
}

/** Renders a failure for a person: what went wrong, then what to do. A misused command line takes one line. */
function renderFailure(programName: string, { code, message, hint }: Failure): string {
  if (code === "usage.invalid") return `${programName}: ${escapeUnprintable(message)}. ${hint}\n`;
  const lines = [...message.split("\n"), hint];
  return lines.map((line) => `${programName}: ${escapeUnprintable(line)}\n`).join("");
}
