import { escapeUnprintable } from "#base/printable.ts";
import { createPaint, type Look } from "./color.ts";
import { firstAt, type JsonObject, valuesAt } from "./json.ts";

/** The ids of one actor, from who logged in to whom the kernel asks: auid, uid, euid. */
const actors = ["user.audit", "user", "user.effective"] as const;

/**
 * Renders a document as one line: time, host, action, user, process, object, outcome.
 * Nothing in the document can reach the terminal as anything but text.
 */
export function renderEvent(document: JsonObject, options: { readonly color: boolean }): string {
  const paint = createPaint(options);
  const outcome = firstAt(document, "event.outcome");
  const kind = firstAt(document, "event.kind");
  const look = lookOf(outcome ?? kind);
  const columns: readonly (readonly [Look | undefined, string | undefined])[] = [
    ["minor", renderTime(firstAt(document, "@timestamp"))],
    ["minor", firstAt(document, "host.name")],
    [look, firstAt(document, "event.action") ?? kind],
    [undefined, renderUser(document)],
    [undefined, renderProcess(document)],
    [undefined, renderObject(document)],
    [look, outcome],
  ];
  return columns
    .flatMap(([look, text]) => {
      if (text === undefined || text === "") return [];
      const escaped = escapeUnprintable(text);
      return look === undefined ? [escaped] : [paint(look, escaped)];
    })
    .join(" ");
}

function lookOf(outcome: string | undefined): Look {
  if (outcome === "success") return "success";
  return outcome === "failure" || outcome === "pipeline_error" ? "failure" : "unknown";
}

/** `2026-11-23T03:19:20.411Z` with a space for the letter T; anything else stays as it is. */
function renderTime(text: string | undefined): string | undefined {
  return text?.replace(/^(\d{4}-\d{2}-\d{2})T(?=\d)/, "$1 ");
}

/** `alice→root`: each actor that differs from the one before. */
function renderUser(document: JsonObject): string | undefined {
  const names = actors.flatMap((actor) => renderIdentity(document, actor) ?? []);
  const distinct = names.filter((name, index) => name !== names[index - 1]);
  return distinct.length === 0 ? undefined : distinct.join("→");
}

function renderIdentity(document: JsonObject, path: string): string | undefined {
  return firstAt(document, `${path}.name`) ?? firstAt(document, `${path}.id`);
}

function renderProcess(document: JsonObject): string | undefined {
  const name = firstAt(document, "process.executable") ?? firstAt(document, "process.name");
  const pid = firstAt(document, "process.pid");
  return pid === undefined ? name : `${name ?? ""}[${pid}]`;
}

function renderObject(document: JsonObject): string | undefined {
  const objects = [
    renderArguments(document),
    renderFile(document),
    renderEnd(document, "destination", "to "),
    renderEnd(document, "source", "from "),
    renderIdentity(document, "user.target"),
    firstAt(document, "group.name"),
    firstAt(document, "service.name"),
    renderRest(document),
  ];
  return objects.find((object) => object !== undefined);
}

function renderArguments(document: JsonObject): string | undefined {
  const args = valuesAt(document, "process.args");
  if (args.length === 0) return firstAt(document, "process.command_line");
  return args.map(quoteArgument).join(" ");
}

function quoteArgument(text: string): string {
  return /^[^\s'"\\]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function renderFile(document: JsonObject): string | undefined {
  const path = firstAt(document, "file.path");
  const original = firstAt(document, "file.Ext.original.path");
  return original === undefined ? path : `${original} → ${path ?? "?"}`;
}

function renderEnd(document: JsonObject, end: string, word: string): string | undefined {
  const address =
    firstAt(document, `${end}.ip`) ??
    firstAt(document, `${end}.domain`) ??
    firstAt(document, `${end}.address`);
  if (address === undefined) return;
  const port = firstAt(document, `${end}.port`);
  if (port === undefined) return `${word}${address}`;
  return address.includes(":") ? `${word}[${address}]:${port}` : `${word}${address}:${port}`;
}

/** What a line of another kind says: a line that is no record, else the system call or the records. */
function renderRest(document: JsonObject): string | undefined {
  const original = firstAt(document, "event.original");
  if (original !== undefined) return original;
  const call = firstAt(document, "auditd.data.syscall");
  if (call === undefined) return firstAt(document, "auditd.record_types");
  // Of a call that failed it is the name that was tried, such as a program that is not there.
  const tried = firstAt(document, "auditd.paths.name");
  return tried === undefined ? `${call}()` : `${call}() ${tried}`;
}
