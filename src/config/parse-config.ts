import { Failure } from "#base/failure.ts";
import { findNearest } from "#base/nearest.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { type ConfigText, type Entry, type Place, parseEntries } from "./entries.ts";
import type { Setting } from "./setting.ts";
import { type Config, type Section, sections } from "./settings.ts";

/** All settings and where each stands; those that stand nowhere have their default. */
export interface Configuration {
  readonly config: Config;
  /** By the setting's name in the file, such as `spool.free_floor`. */
  readonly places: ReadonlyMap<string, Place>;
}

/** A mistake in a configuration file. */
export interface Problem extends Place {
  readonly message: string;
  readonly remedy: string;
}

/** A row of the table with its name in the file, such as `spool.free_floor`. */
export interface NamedSetting {
  readonly name: string;
  readonly section: string;
  readonly key: string;
  /** Name of the row in the table. */
  readonly property: string;
  readonly setting: Setting<unknown>;
}

const table: Readonly<Record<string, Section>> = sections;

/** All rows, in the order of the table. */
export const namedSettings: readonly NamedSetting[] = Object.entries(table).flatMap(
  ([section, { settings }]) =>
    Object.entries(settings).map(([property, setting]) => {
      const key = property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return { name: `${section}.${key}`, section, key, property, setting };
    }),
);
const rows = new Map(namedSettings.map((row) => [row.name, row]));

/** Checks the texts in their order, later ones over earlier ones, or throws one `Failure` with all problems. */
export function parseConfig(texts: readonly ConfigText[]): Configuration {
  const { problems, ...configuration } = checkConfig(texts);
  if (problems.length === 0) return configuration;
  throw new Failure("config.invalid", problems.map(renderProblem).join("\n"), {
    hint: "See linuxguard.conf(5).",
  });
}

/** Checks the texts and gives all problems; where there is one, the setting keeps what it had before. */
export function checkConfig(
  texts: readonly ConfigText[],
): Configuration & { readonly problems: readonly Problem[] } {
  const values = new Map<string, unknown>();
  const places = new Map<string, Place>();
  const problems: Problem[] = [];
  for (const text of texts) {
    const seen = new Map<string, Place>();
    let section: string | undefined;
    for (const entry of parseEntries(text)) {
      const read = readEntry(entry, section, seen);
      if (entry.kind === "section") section = entry.name;
      if (read === undefined) continue;
      if (read.kind === "problem") problems.push(problemAt(entry, read.message, read.remedy));
      else {
        values.set(read.name, read.value);
        places.set(read.name, { file: entry.file, line: entry.line });
      }
    }
  }
  return { config: buildConfig(values), places, problems };
}

/** Renders a problem as one line that editors and terminals can follow: `FILE:LINE: …`. */
export function renderProblem({ file, line, message, remedy }: Problem): string {
  return `${file}:${line}: ${message}. ${remedy}`;
}

type Read =
  | { readonly kind: "value"; readonly name: string; readonly value: unknown }
  | { readonly kind: "problem"; readonly message: string; readonly remedy: string }
  | undefined;

function readEntry(entry: Entry, section: string | undefined, seen: Map<string, Place>): Read {
  switch (entry.kind) {
    case "section":
      return Object.hasOwn(table, entry.name) ? undefined : unknownSection(entry.name);
    case "setting":
      return readSetting(entry, section, seen);
    case "other":
      return {
        kind: "problem",
        message: `Cannot read line: current value is "${entry.text.trim()}"`,
        remedy: "Write [section], key = value or # comment.",
      };
    default:
      return entry satisfies never;
  }
}

function readSetting(
  entry: Entry & { readonly kind: "setting" },
  section: string | undefined,
  seen: Map<string, Place>,
): Read {
  if (section === undefined) return homeless(entry.name);
  // The section itself is the problem, and is told once.
  if (!Object.hasOwn(table, section)) return;
  const name = `${section}.${entry.name}`;
  const row = rows.get(name);
  if (row === undefined) return unknownKey(name, section, entry.name);
  const current = `current value is "${entry.value}"`;
  const before = seen.get(name);
  if (before !== undefined) {
    return {
      kind: "problem",
      message: `Cannot set ${name} twice: ${current}`,
      remedy: `Remove this line or line ${before.line}.`,
    };
  }
  seen.set(name, entry);
  const { parser } = row.setting;
  const value = parser.parse(entry.value);
  if (value !== undefined) return { kind: "value", name, value };
  return {
    kind: "problem",
    message: `Cannot read setting ${name}: ${current}`,
    remedy: `Give ${parser.form}.`,
  };
}

function homeless(key: string): Read {
  const home = namedSettings.find((row) => row.key === key)?.section;
  return {
    kind: "problem",
    message: `Cannot read setting "${key}" outside a section`,
    remedy: `Put it under [${home ?? "section"}].`,
  };
}

function unknownSection(name: string): Read {
  const names = Object.keys(table);
  return {
    kind: "problem",
    message: `Cannot know section: current value is "${name}"`,
    remedy: suggest(findNearest(name, names), `Sections are ${names.join(", ")}.`),
  };
}

function unknownKey(name: string, section: string, key: string): Read {
  const keys = namedSettings.filter((row) => row.section === section).map((row) => row.key);
  const home = namedSettings.find((row) => row.key === key)?.name;
  return {
    kind: "problem",
    message: `Cannot know setting: current value is "${name}"`,
    remedy: suggest(
      findNearest(key, keys) ?? home ?? findNearest(name, rows.keys()),
      `Settings of ${section} are ${keys.join(", ")}.`,
    ),
  };
}

function suggest(meant: string | undefined, otherwise: string): string {
  return meant === undefined ? otherwise : `Did you mean "${meant}"?`;
}

function problemAt({ file, line }: Entry, message: string, remedy: string): Problem {
  return { file, line, message: escapeUnprintable(message), remedy };
}

function buildConfig(values: ReadonlyMap<string, unknown>): Config {
  const built = Object.entries(table).map(([section]) => {
    const settings = namedSettings
      .filter((row) => row.section === section)
      .map(({ name, property, setting }) => [property, values.get(name) ?? setting.fallback]);
    return [section, Object.freeze(Object.fromEntries(settings))];
  });
  // The rows are the same table that the type is made from, and each value is from its row's parser.
  return Object.freeze(Object.fromEntries(built)) as Config;
}
