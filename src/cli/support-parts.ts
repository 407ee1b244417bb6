import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { arch, hostname, totalmem, uptime } from "node:os";
import { join } from "node:path";
import { Failure } from "#base/failure.ts";
import { readConfig } from "#config/read-config.ts";
import { readHost } from "#enrich/host.ts";
import { identity } from "#product/identity.ts";
import { version } from "#product/version.ts";
import type { Command, Io } from "./command.ts";
import { runProgram } from "./run-program.ts";

/** One file of a support bundle. */
export interface SupportPart {
  readonly name: string;
  readonly text: string;
  /** May be cut at its beginning, where room is short. */
  readonly isLog: boolean;
}

/** What is asked, and the name of the answer. */
const questions: readonly (readonly [name: string, ...args: string[]])[] = [
  ["status.json", "status", "--json"],
  ["verify.json", "verify", "--json"],
  ["doctor.json", "doctor", "--json"],
  ["spool.json", "spool", "verify", "--json"],
  ["config-list.json", "config", "list", "--json"],
  ["config-check.json", "config", "check", "--json"],
];
const takesConfig = new Set(["status", "spool", "config"]);
/** Of each log file, so much of its end. */
const logBytes = 1_048_576;
const logFiles = 3;

/** Gathers all parts; a question that cannot be answered gives the reason as its answer. */
export async function gatherParts(
  program: Command,
  configFile: string | undefined,
  io: Io,
): Promise<readonly SupportPart[]> {
  const parts: SupportPart[] = [{ name: "about.json", text: renderAbout(io), isLog: false }];
  for (const [name, ...args] of questions) {
    const more =
      configFile !== undefined && takesConfig.has(args[0] ?? "") ? [`--config=${configFile}`] : [];
    parts.push({ name, text: await ask(program, [...args, ...more], io), isLog: false });
  }
  const directory = logDirectory(configFile);
  for (let index = 0; index < logFiles; index++) {
    const file = `${identity.agent}.log${index === 0 ? "" : `.${index}`}`;
    const text = readEnd(join(directory, file));
    if (text !== undefined) parts.push({ name: `log/${file}`, text, isLog: true });
  }
  return parts;
}

/** What a command writes, to standard output and to standard error, and its exit code. */
async function ask(program: Command, args: readonly string[], io: Io): Promise<string> {
  const texts: string[] = [];
  const sink = {
    isTerminal: false,
    write: async (text: string | Uint8Array) => {
      texts.push(typeof text === "string" ? text : Buffer.from(text).toString("utf8"));
    },
  };
  const code = await runProgram(program, args, { ...io, stdout: sink, stderr: sink });
  return `${texts.join("")}# exit code ${code}\n`;
}

function renderAbout(io: Io): string {
  const about = {
    version,
    time: new Date(io.now()).toISOString(),
    userId: process.geteuid?.(),
    host: { name: hostname(), architecture: arch(), ...readHost().ecs.os },
    memoryBytes: totalmem(),
    uptimeSeconds: Math.round(uptime()),
    programs: process.versions,
  };
  return `${JSON.stringify(about, undefined, 2)}\n`;
}

function logDirectory(configFile: string | undefined): string {
  try {
    return readConfig(configFile).config.log.directory;
  } catch (error) {
    if (error instanceof Failure) return identity.logDirectory;
    throw error;
  }
}

/** The end of a plain file, from the beginning of a line; `undefined` if there is none to be read. */
function readEnd(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    const start = Math.max(stats.size - logBytes, 0);
    const bytes = Buffer.alloc(stats.size - start);
    const text = bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, start));
    return start === 0 ? text : fromLineStart(text);
  } finally {
    closeSync(fd);
  }
}

/** A text without its first line, which may be the end of one. */
export function fromLineStart(text: string): string {
  return text.slice(text.indexOf("\n") + 1);
}
