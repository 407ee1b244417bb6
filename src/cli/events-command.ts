import { Failure } from "#base/failure.ts";
import { escapeJson } from "#base/printable.ts";
import { readConfig } from "#config/read-config.ts";
import { SpoolReader } from "#spool/reader.ts";
import type { Batch } from "#spool/walk.ts";
import { wantsColor } from "./color.ts";
import { type Handler, type Invocation, type Io, textOption } from "./command.ts";
import { type Filter, matchesFilters, parseFilter } from "./filters.ts";
import { parseDocument } from "./json.ts";
import { parseTimeMs } from "./parse-time.ts";
import { renderEvent } from "./render-event.ts";

/** Which events are shown, and how. */
interface View {
  readonly filters: readonly Filter[];
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Of what is there, only the last so many. */
  readonly lines: number;
  readonly form: "json" | "escaped-json" | "text";
  readonly color: boolean;
}

/** How many events are shown before those to come, where nothing else is said. */
const linesBeforeFollow = 10;
const longestBatchJoin = 65_536;

/** Shows events of the spool, and with `--follow` those to come. */
export const runEvents: Handler = async (invocation, io) => {
  const view = readView(invocation, io);
  const { config } = readConfig(textOption(invocation, "config"));
  const reader = SpoolReader.open({ directory: config.spool.directory });
  const last: string[] = [];
  let cursor: Batch["cursor"] | undefined;
  for (const batch of reader.batches()) {
    cursor = batch.cursor;
    for (const line of showBatch(batch, view)) {
      last.push(line);
      if (last.length > 2 * view.lines) last.splice(0, last.length - view.lines);
    }
    if (view.lines === Infinity) await writeLines(last.splice(0), io);
  }
  await writeLines(view.lines === 0 ? [] : last.slice(-view.lines), io);
  if (!invocation.options.has("follow")) return 0;
  // Ctrl-C ends the process: a reader holds no lock and has nothing to put away.
  const { signal } = new AbortController();
  for await (const batch of reader.follow(cursor ?? "oldest", { signal })) {
    await writeLines(showBatch(batch, view), io);
  }
  return 0;
};

function readView(invocation: Invocation, io: Io): View {
  const sinceMs = readTime(invocation, "since", io.now());
  return {
    filters: invocation.arguments.map(parseFilter),
    sinceMs: sinceMs ?? -Infinity,
    untilMs: readTime(invocation, "until", io.now()) ?? Infinity,
    lines: readLines(invocation, sinceMs !== undefined),
    form: readForm(invocation, io),
    color: wantsColor(invocation, io),
  };
}

/** JSON for a terminal is the same JSON, but nothing in it can move the cursor or hide text. */
function readForm(invocation: Invocation, io: Io): View["form"] {
  if (!invocation.options.has("json")) return "text";
  return io.stdout.isTerminal ? "escaped-json" : "json";
}

function readTime(invocation: Invocation, name: string, nowMs: number): number | undefined {
  const text = textOption(invocation, name);
  if (text === undefined) return;
  const timeMs = parseTimeMs(text, nowMs);
  if (timeMs !== undefined) return timeMs;
  throw new Failure("usage.invalid", `Cannot read option --${name}: current value is "${text}"`, {
    hint: "Give a time such as 10m, today or 2026-11-23T03:19.",
  });
}

function readLines(invocation: Invocation, hasSince: boolean): number {
  const text = textOption(invocation, "lines");
  if (text === undefined) {
    return invocation.options.has("follow") && !hasSince ? linesBeforeFollow : Infinity;
  }
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new Failure("usage.invalid", `Cannot read option --lines: current value is "${text}"`, {
    hint: "Give a whole number.",
  });
}

/** The lines of a batch that are to be shown. A batch of another time is not even unpacked. */
function* showBatch(batch: Batch, view: View): Generator<string, void, undefined> {
  const { timeRange } = batch;
  if (timeRange !== undefined) {
    if (timeRange.lastMs < view.sinceMs || timeRange.firstMs > view.untilMs) return;
  }
  for (const line of Buffer.from(batch.documents()).toString("utf8").split("\n")) {
    const shown = line === "" ? undefined : showDocument(line, view);
    if (shown !== undefined) yield shown;
  }
}

function showDocument(line: string, view: View): string | undefined {
  const document = parseDocument(line);
  const timeMs = Date.parse(String(document["@timestamp"]));
  if (timeMs < view.sinceMs || timeMs > view.untilMs) return;
  if (!matchesFilters(document, view.filters)) return;
  if (view.form === "text") return renderEvent(document, view);
  return view.form === "json" ? line : escapeJson(line);
}

/** Writes lines in pieces of a fair size. */
async function writeLines(lines: Iterable<string>, io: Io): Promise<void> {
  let text = "";
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < longestBatchJoin) continue;
    await io.stdout.write(text);
    text = "";
  }
  if (text !== "") await io.stdout.write(text);
}
