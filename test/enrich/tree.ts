import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A real shell with a child that sleeps. */
export interface Tree {
  readonly shell: number;
  readonly sleeper: number;
  /** Kills both, and waits until they are gone. */
  end(): Promise<void>;
}

/** Starts a shell whose script prints the pid of a child. */
export async function startTree(script: string, ...words: readonly string[]): Promise<Tree> {
  const shell = spawn("/bin/sh", ["-c", script, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let sleeper = 0;
  for await (const line of createInterface(shell.stdout)) {
    sleeper = Number(line);
    break;
  }
  return {
    shell: shell.pid ?? 0,
    sleeper,
    async end() {
      const closed = once(shell, "close");
      process.kill(sleeper, "SIGKILL");
      shell.kill("SIGKILL");
      await closed;
    },
  };
}
