import type { LogFields } from "#base/logger.ts";
import { escapeJson, escapeUnprintable } from "#base/printable.ts";

/** The levels, most severe first, with their numbers in syslog(3). */
export const logLevels = { error: 3, warn: 4, info: 6, debug: 7 } as const;
export type LogLevel = keyof typeof logLevels;

/** One message with its facts and its time. */
export interface LogLine {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** How a line is shown: for programs, for a person at a terminal, or for the system's journal. */
export type LineForm = "json" | "terminal" | "journal";

/** Renders a message as one line without its line feed. */
export function renderLine(line: LogLine, form: LineForm): string {
  switch (form) {
    case "json":
      return renderJson(line);
    case "terminal":
      return `${renderTime(line.timeMs).slice(11, 23)} ${line.level.padEnd(5)} ${renderText(line)}`;
    case "journal":
      // The prefix sets the priority of an entry. Source: sd-daemon(3).
      return `<${logLevels[line.level]}>${renderText(line)}`;
    default:
      return form satisfies never;
  }
}

function renderJson({ timeMs, level, message, fields }: LogLine): string {
  return escapeJson(JSON.stringify({ time: renderTime(timeMs), level, message, fields }));
}

function renderText({ message, fields = {} }: LogLine): string {
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${renderValue(value)}`);
  return escapeUnprintable(`${message}${facts.join("")}`);
}

function renderValue(value: string | number | boolean): string {
  return typeof value === "string" && !/^[^\s"=]+$/.test(value)
    ? JSON.stringify(value)
    : String(value);
}

/** Times beyond what a calendar holds do not stop a log. */
function renderTime(timeMs: number): string {
  const time = new Date(timeMs);
  return Number.isNaN(time.getTime()) ? "0000-00-00T00:00:00.000Z" : time.toISOString();
}
