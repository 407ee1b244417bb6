import { basename } from "node:path";
import { type Command, textOption } from "#cli/command.ts";
import { createProcessIo } from "#cli/process-io.ts";
import { runProgram } from "#cli/run-program.ts";
import { identity } from "#product/identity.ts";

/** Runs the program that the process was called as: one binary has two names. */
async function main(): Promise<void> {
  const { isAgent, args } = findProgram(process.argv0, process.argv.slice(2));
  process.exitCode = await runProgram(await loadProgram(isAgent), args, createProcessIo());
}

/** From its source, `node src/main.ts`, it is the agent if the first word is `agent`. */
function findProgram(
  calledAs: string,
  args: readonly string[],
): { readonly isAgent: boolean; readonly args: readonly string[] } {
  const name = basename(calledAs);
  if (name.startsWith(identity.agent)) return { isAgent: true, args };
  if (name.startsWith(identity.cli) || args[0] !== "agent") return { isAgent: false, args };
  return { isAgent: true, args: args.slice(1) };
}

async function loadProgram(isAgent: boolean): Promise<Command> {
  if (!isAgent) return (await import("#cli/linuxguard.ts")).linuxguard;
  const { createAgentProgram } = await import("#cli/linuxguard-agent.ts");
  return createAgentProgram(async (invocation) => {
    const { runAgent } = await import("#agent/run-agent.ts");
    return await runAgent(textOption(invocation, "config"));
  });
}

void main();
