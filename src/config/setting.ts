import { isAbsolute, normalize } from "node:path";
import { parseDurationMs, parseSizeBytes, renderDuration, renderSize } from "#base/units.ts";

/** The longest address, in characters. */
const longestUrl = 2_000;

/** How the text of a setting becomes a value, and the value text again. */
interface Parser<T> {
  /** What may be given, to follow the word "Give". */
  readonly form: string;
  /** `undefined` for text that is no such value. */
  parse(text: string): T | undefined;
  render(value: T): string;
}

/** One row of the table of settings. */
export interface Setting<T> {
  readonly help: string;
  readonly fallback: T;
  readonly parser: Parser<T>;
}

/** The least and the greatest value that are allowed. */
type Range = readonly [least: number, greatest: number];

/** A number of bytes, written with its unit. */
export function size(help: string, fallback: number, range: Range): Setting<number> {
  const form = `a size from ${renderSize(range[0])} to ${renderSize(range[1])}, such as ${renderSize(fallback)}`;
  return { help, fallback, parser: inRange(range, form, parseSizeBytes, renderSize) };
}

/** A number of milliseconds, written with its unit. */
export function duration(help: string, fallback: number, range: Range): Setting<number> {
  const form = `a duration from ${renderDuration(range[0])} to ${renderDuration(range[1])}, such as ${renderDuration(fallback)}`;
  return { help, fallback, parser: inRange(range, form, parseDurationMs, renderDuration) };
}

/** A whole number without a unit. */
export function count(help: string, fallback: number, range: Range): Setting<number> {
  const parse = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
  const form = `a whole number from ${range[0]} to ${range[1]}`;
  return { help, fallback, parser: inRange(range, form, parse, String) };
}

/** One of a few words. */
export function choice<const Words extends readonly string[]>(
  help: string,
  fallback: Words[number],
  words: Words,
): Setting<Words[number]> {
  const parse = (text: string): Words[number] | undefined => words.find((word) => word === text);
  const form = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  return { help, fallback, parser: { form, parse, render: (word) => word } };
}

/** `yes` or `no`, as in auditd.conf(5). */
export function yesNo(help: string, fallback: boolean): Setting<boolean> {
  const { parser } = choice(help, "no", ["yes", "no"]);
  return {
    help,
    fallback,
    parser: {
      form: parser.form,
      parse: (text) => {
        const word = parser.parse(text);
        return word === undefined ? undefined : word === "yes";
      },
      render: (value) => (value ? "yes" : "no"),
    },
  };
}

/** A path from the root on. */
export function path(help: string, fallback: string): Setting<string> {
  const form = `an absolute path, such as ${fallback}`;
  return { help, fallback, parser: { form, parse: parsePath, render: (value) => value } };
}

/** An address of HTTPS that others are built upon, so that it ends with `/`. */
export function httpsUrl(help: string, fallback: string): Setting<string> {
  const form = `an https:// address without user name, query and fragment, such as ${fallback}`;
  return { help, fallback, parser: { form, parse: parseHttpsUrl, render: (value) => value } };
}

/** A host name, or nothing. */
export function hostName(help: string): Setting<string> {
  const parse = (text: string) => (/^(?:[\w.-]{1,253})?$/.test(text) ? text : undefined);
  const form = "a name of letters, digits, dots, hyphens and underscores, or nothing";
  return { help, fallback: "", parser: { form, parse, render: (value) => value } };
}

/** A path from the root on, or nothing. */
export function optionalPath(help: string): Setting<string> {
  const parse = (text: string) => (text === "" ? "" : parsePath(text));
  const form = "an absolute path, or nothing";
  return { help, fallback: "", parser: { form, parse, render: (value) => value } };
}

/** An address of a proxy, or nothing. */
export function optionalProxy(help: string): Setting<string> {
  const form = "an address such as http://proxy.example:3128, without user name, or nothing";
  return { help, fallback: "", parser: { form, parse: parseProxy, render: (value) => value } };
}

/** Hashes in hexadecimal with spaces between, or nothing. */
export function pins(help: string): Setting<readonly string[]> {
  const parse = (text: string) => {
    const hashes = text.toLowerCase().split(/\s+/).filter(Boolean);
    return hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)) ? hashes : undefined;
  };
  const form = "hashes of 64 hexadecimal digits with spaces between, or nothing";
  return { help, fallback: [], parser: { form, parse, render: (value) => value.join(" ") } };
}

function inRange(
  [least, greatest]: Range,
  form: string,
  parse: (text: string) => number | undefined,
  render: (value: number) => string,
): Parser<number> {
  return {
    form,
    parse: (text) => {
      const value = parse(text);
      return value !== undefined && value >= least && value <= greatest ? value : undefined;
    },
    render,
  };
}

function parsePath(text: string): string | undefined {
  if (!isAbsolute(text)) return;
  const path = normalize(text);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** What begins a comment or needs quotes in the file is no part of such an address either. */
function parseHttpsUrl(text: string): string | undefined {
  if (text.length > longestUrl || !/^https:\/\/[^\s"'#;?\\]+$/i.test(text)) return;
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return;
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

function parseProxy(text: string): string | undefined {
  if (text === "") return text;
  if (text.length > longestUrl || !/^http:\/\/[^\s"'#;?\\]+$/i.test(text)) return;
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "" || url.pathname !== "/") return;
  return url.href;
}
