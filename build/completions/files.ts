import { linuxguard } from "#cli/linuxguard.ts";
import { createAgentProgram } from "#cli/linuxguard-agent.ts";
import { renderBash } from "./bash.ts";
import { renderFish } from "./fish.ts";
import { renderZsh } from "./zsh.ts";

/** The completions of both programs, named as each shell looks for them. */
export function completionFiles(): ReadonlyMap<string, string> {
  const programs = [linuxguard, createAgentProgram(() => 0)];
  return new Map(
    programs.flatMap((program) => [
      [`completions/bash/${program.name}`, renderBash(program)],
      [`completions/zsh/_${program.name}`, renderZsh(program)],
      [`completions/fish/${program.name}.fish`, renderFish(program)],
    ]),
  );
}
