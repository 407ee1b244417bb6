import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { startConsole } from "./console.ts";

/** A console in a process of its own, which can be killed. */
export interface ConsoleProcess {
  readonly url: string;
  readonly port: number;
  readonly ca: string;
  /** A token that was made at the start. */
  readonly token: string;
  /** Ends it as a power cut would; what it acknowledged is in the folder. */
  kill(): Promise<void>;
}

/** Starts a console as a process; `port` 0 takes one that is free. */
export async function spawnConsole(folder: string, port = 0): Promise<ConsoleProcess> {
  const child = spawn(process.execPath, [import.meta.filename, folder, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit").then(() => {
    throw new Error("The console ended before it listened");
  });
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  ended.catch(() => {});
  const told = JSON.parse(line) as Omit<ConsoleProcess, "kill">;
  return { ...told, kill: async () => await kill(child) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

async function main([folder = "", port = "0"]: readonly string[]): Promise<void> {
  const console = await startConsole({ folder, port: Number(port) });
  const { url, ca } = console;
  const told = { url, port: console.port, ca, token: console.issueToken() };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

if (import.meta.main) void main(process.argv.slice(2));
