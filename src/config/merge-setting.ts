import { type Entry, parseEntries } from "./entries.ts";
import { type NamedSetting, namedSettings } from "./parse-config.ts";

/**
 * Puts a value into the text of a configuration file: in the place of the value that is there; else
 * below the line that shows the default as a comment, at the end of its section, or in a section of
 * its own. All other lines stay as they are, to the byte.
 *
 * `name` is the setting's in the file, `console.url`; `value` is text that its parser rendered.
 */
export function mergeSetting(text: string, name: string, value: string): string {
  const row = namedSettings.find((each) => each.name === name);
  if (row === undefined) throw new Error(`There is no setting ${name}`);
  const lines = text.split(/(?<=\n)/);
  const { settings, section } = findPlaces(text, row);
  if (settings.length > 0) {
    for (const index of settings) lines[index] = replaceValue(lines[index] ?? "", value);
    return lines.join("");
  }
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const line = `${row.key} = ${value}${lineEnd}`;
  if (section === undefined) {
    const gap = /[^\s\ufeff]/.test(text) ? lineEnd : "";
    return `${closeLine(text, lineEnd)}${gap}[${row.section}]${lineEnd}${line}`;
  }
  const at = findShown(lines, section, row.key) ?? section.lastEntry;
  const before = closeLine(lines.slice(0, at + 1).join(""), lineEnd);
  return [before, line, ...lines.slice(at + 1)].join("");
}

/** Indexes of lines of the last part of a file that is one section. */
interface SectionPlace {
  readonly head: number;
  readonly lastEntry: number;
  /** The line of the next section, or behind the last line. */
  readonly end: number;
}

function findPlaces(
  text: string,
  row: NamedSetting,
): { readonly settings: readonly number[]; readonly section: SectionPlace | undefined } {
  const entries = parseEntries({ file: "", text });
  let name: string | undefined;
  const inside = entries.filter((entry) => {
    if (entry.kind === "section") ({ name } = entry);
    return name === row.section;
  });
  const settings = inside.filter((entry) => isSetting(entry, row.key));
  const head = inside.findLast(({ kind }) => kind === "section")?.line;
  const next = entries.find(({ kind, line }) => kind === "section" && line > (head ?? 0))?.line;
  const section =
    head === undefined
      ? undefined
      : {
          head: head - 1,
          lastEntry: (inside.at(-1)?.line ?? head) - 1,
          end: (next ?? Number.POSITIVE_INFINITY) - 1,
        };
  return { settings: settings.map(({ line }) => line - 1), section };
}

/** Whether a line sets the key; one that fails to, for its quotes, is not left beside one that does. */
function isSetting(entry: Entry, key: string): boolean {
  if (entry.kind === "setting") return entry.name === key;
  return entry.kind === "other" && /^\s*(?<key>\w+)\s*=/.exec(entry.text)?.groups?.key === key;
}

/** The line that shows the setting as a comment, as the sample does. */
function findShown(
  lines: readonly string[],
  section: SectionPlace,
  key: string,
): number | undefined {
  const shown = new RegExp(`^\\s*[#;]\\s*${key}\\s*=`);
  const index = lines.findIndex(
    (line, at) => at > section.head && at < section.end && shown.test(line),
  );
  return index === -1 ? undefined : index;
}

/** A comment behind the value stays, unless quotes or escapes leave in doubt where it begins. */
function replaceValue(line: string, value: string): string {
  const plain = /^(?<key>[^=]*=[ \t]*)[^;#"'\\\r\n]*?(?<rest>[ \t]*(?:[;#].*)?\r?\n?)$/s.exec(line);
  const groups = plain?.groups ?? /^(?<key>[^=]*=[ \t]*).*?(?<rest>\r?\n?)$/s.exec(line)?.groups;
  return `${groups?.key ?? ""}${value}${groups?.rest ?? ""}`;
}

function closeLine(text: string, lineEnd: string): string {
  return text === "" || text === "\ufeff" || text.endsWith("\n") ? text : `${text}${lineEnd}`;
}
