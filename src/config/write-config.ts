import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "#base/failure.ts";
import { replaceFile } from "#base/replace-file.ts";
import { identity } from "#product/identity.ts";
import { mergeSetting } from "./merge-setting.ts";
import { checkConfig } from "./parse-config.ts";
import { renderSample } from "./sample.ts";

const fileMode = 0o640;
const tokenMode = 0o600;
/** A configuration file is no longer than this; what is longer is not read to be written again. */
const longestBytes = 1_048_576;

/** Where the token lies that makes this host known to the console: beside the settings. */
function tokenFileOf(configFile: string): string {
  return join(dirname(configFile), "enrolment-token");
}

/**
 * Puts values into a configuration file; one that is not there begins as the sample. What already
 * says the same is not written again. Throws `config.invalid` or `output.unwritable`.
 */
export function writeSettings(file: string, values: ReadonlyMap<string, string>): void {
  const before = readExisting(file);
  let text = before ?? renderSample();
  for (const [name, value] of values) {
    text = mergeSetting(text, name, value);
    requireSet(file, text, name, value);
  }
  if (text !== before) write(file, text, fileMode);
}

/** Puts the token for the console in its file, which only the agent's account may read. */
export function writeToken(configFile: string, token: string): void {
  write(tokenFileOf(configFile), `${token}\n`, tokenMode);
}

/** What we wrote must be what the agent will read, whatever stands around it. */
function requireSet(file: string, text: string, name: string, value: string): void {
  const { places, problems } = checkConfig([{ file, text }]);
  const line = places.get(name)?.line;
  if (line !== undefined && !problems.some((problem) => problem.line === line)) return;
  throw new Failure("config.invalid", `Cannot set ${name} in ${file}: new value is "${value}"`, {
    hint: `See what ${identity.cli} config check says, and set it by hand.`,
  });
}

/** The text of the file; `undefined` if there is none. No link is followed, and no pipe waited for. */
function readExisting(file: string): string | undefined {
  const fd = open(file);
  if (fd === undefined) return;
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw refused(file, "it is no regular file");
    if (stats.size > longestBytes) throw refused(file, `it has ${stats.size} bytes`);
    const bytes = readFileSync(fd);
    if (!isUtf8(bytes)) throw refused(file, "it is not UTF-8");
    return bytes.toString("utf8");
  } finally {
    closeSync(fd);
  }
}

function open(file: string): number | undefined {
  const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  try {
    return openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return;
    throw refused(file, code === "ELOOP" ? "it is a symbolic link" : `the error is ${code}`, error);
  }
}

function write(file: string, text: string, mode: number): void {
  try {
    replaceFile(file, text, mode);
  } catch (error) {
    throw unwritable(file, codeOf(error), error);
  }
}

function unwritable(file: string, code: string, cause: unknown): Failure {
  const hint = hints[code] ?? "See that its directory is there and this user may write in it.";
  const message = `Cannot write ${file}: the error is ${code}`;
  return new Failure("output.unwritable", message, { hint, cause });
}

function refused(file: string, why: string, cause?: unknown): Failure {
  return new Failure("config.invalid", `Cannot change ${file}: ${why}`, {
    hint: "Put a file of settings in its place, or remove it.",
    cause,
  });
}

/** The code of a system's error; anything else is a bug and thrown on. */
function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && "syscall" in error) return String(error.code);
  throw error;
}

const hints: Readonly<Record<string, string>> = {
  EACCES: `Run as ${identity.user}.`,
  ENOSPC: "Free some space on its disk.",
  EROFS: "Its disk is read-only; make it writable.",
  ENOTDIR: "Its directory is none, or a symbolic link; put a directory in its place.",
  ELOOP: "Its directory is a symbolic link; put a directory in its place.",
};
