import { parse } from "ini";

/** The text of one configuration file. */
export interface ConfigText {
  readonly file: string;
  readonly text: string;
}

/** Where something stands in a configuration file. */
export interface Place {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
}

/** One line that is neither empty nor a comment. `name` and `value` are without quotes and comments. */
export type Entry = Place &
  (
    | { readonly kind: "section"; readonly name: string }
    | { readonly kind: "setting"; readonly name: string; readonly value: string }
    | { readonly kind: "other"; readonly text: string }
  );

/** Reads a file line by line, for a problem names its line. */
export function parseEntries({ file, text }: ConfigText): readonly Entry[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .flatMap((line, index) => parseEntry(line, { file, line: index + 1 }));
}

function parseEntry(text: string, place: Place): readonly Entry[] {
  if (/^\s*(?:[;#]|$)/.test(text)) return [];
  const other: Entry = { ...place, kind: "other", text };
  // ini would take a lone carriage return for the end of a line.
  if (/[^\P{Cc}\t]/u.test(text)) return [other];
  const section = /^\s*\[(?<name>[^\]]*)\]\s*(?:[;#].*)?$/.exec(text)?.groups?.name;
  if (section !== undefined) return [{ ...place, kind: "section", name: section.trim() }];
  if (/^\s*\[/.test(text) || !text.includes("=")) return [other];
  const members: readonly [string, unknown][] = Object.entries(parse(text));
  return members.map(([name, value]) =>
    isPlain(value) ? { ...place, kind: "setting", name, value: String(value) } : other,
  );
}

/** False for a list and for text with half its quotes, which ini would cut at a comment sign. */
function isPlain(value: unknown): boolean {
  return typeof value !== "object" && !/^["']/.test(String(value));
}
