import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "#base/failure.ts";
import { identity } from "#product/identity.ts";
import type { ConfigText } from "./entries.ts";
import { type Configuration, parseConfig } from "./parse-config.ts";

/** Reads and checks the settings of a file and of `conf.d/*.conf` beside it, or throws `config.invalid`. */
export function readConfig(file?: string): Configuration {
  return parseConfig(readConfigTexts(file));
}

/**
 * Reads the files that make up the configuration, in the order in which they count.
 * Without a name it is the product's own file, which may be missing: then all settings have their defaults.
 */
export function readConfigTexts(file?: string): readonly ConfigText[] {
  const main = file ?? identity.configFile;
  const directory = join(dirname(main), "conf.d");
  const names = read(directory, (path) => readdirSync(path), { isOptional: true }) ?? [];
  const dropIns = names.filter((name) => name.endsWith(".conf") && !name.startsWith("."));
  const texts = [
    readText(main, { isOptional: file === undefined }),
    ...dropIns.toSorted().map((name) => readText(join(directory, name), { isOptional: false })),
  ];
  return texts.filter((text) => text !== undefined);
}

function readText(file: string, options: { isOptional: boolean }): ConfigText | undefined {
  const bytes = read(file, readPlain, options);
  if (bytes === undefined) return;
  if (isUtf8(bytes)) return { file, text: bytes.toString("utf8") };
  throw new Failure("config.invalid", `Cannot read ${file}: it is not UTF-8`, {
    hint: "Save it as UTF-8.",
  });
}

/** The directory is the agent's, and root reads it, too: a pipe that lies there must not hold it up. */
function readPlain(path: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (fstatSync(file).isFile()) return readFileSync(file);
  } finally {
    closeSync(file);
  }
  throw new Failure("config.invalid", `Cannot read ${path}: it is no regular file`, {
    hint: "Put a file in its place.",
  });
}

function read<T>(
  path: string,
  act: (path: string) => T,
  { isOptional }: { readonly isOptional: boolean },
): T | undefined {
  try {
    return act(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code === undefined || error instanceof Failure) throw error;
    if (code === "ENOENT" && isOptional) return;
    throw unreadable(path, code, error);
  }
}

function unreadable(path: string, code: string, cause: unknown): Failure {
  const message = `Cannot read ${path}: current value of the error is "${code}"`;
  const hint = hints[code] ?? "Put a readable file in its place.";
  return new Failure("config.invalid", message, { hint, cause });
}

const hints: Readonly<Record<string, string>> = {
  ENOENT: "Name a file that is there.",
  EACCES: `Run as ${identity.user} or as a member of its group.`,
};
