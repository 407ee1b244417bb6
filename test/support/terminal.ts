import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

/** A thing that a program shows, and what is typed then. */
export type Reply = readonly [shown: RegExp, typed: string];

/** How a program in a terminal ended. */
export interface TerminalEnd {
  readonly status: number | null;
  /** All that it showed, without control sequences, as far as each came in one piece. */
  readonly shown: string;
}

/**
 * Runs a line of shell in a terminal of its own and types each reply once the program shows what
 * it replies to, in their order. A program that waits for something else is ended after a minute.
 */
export async function runInTerminal(line: string, replies: readonly Reply[]): Promise<TerminalEnd> {
  const script = spawn("script", ["-qefc", `stty rows 40 cols 120; ${line}`, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env.PATH, TERM: "linux", LC_ALL: "C", SHELL: "/bin/sh" },
  });
  const left = [...replies];
  let shown = "";
  let since = 0;
  // How far the text has been looked at once it shows what the next reply waits for.
  const nextMatch = () => {
    const match = left[0]?.[0].exec(shown.slice(since));
    return match ? match.index + match[0].length : undefined;
  };
  script.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += stripVTControlCharacters(text);
    for (let match = nextMatch(); match !== undefined; match = nextMatch()) {
      since += match;
      script.stdin.write(left.shift()?.[1] ?? "");
    }
  });
  const timer = setTimeout(() => script.kill(), 60_000);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      script.on("error", reject).on("close", resolve);
    });
    return { status, shown };
  } finally {
    clearTimeout(timer);
  }
}
