import type { Stamp } from "#model/stamp.ts";
import type { Core } from "./core/core.ts";
import * as scan from "./core/lines.ts";
import type { Line } from "./line.ts";
import { recordTypeName, recordTypeNumber } from "./tables/record-types.ts";

/** The names of the core's own record types, by its numbers. */
const typeNames: readonly (string | undefined)[] = [
  undefined,
  "SYSCALL",
  "EXECVE",
  "PATH",
  "CWD",
  "PROCTITLE",
  "SOCKADDR",
  "EOE",
];

/** What is known of type names as logged; names come from the log, so not all of them are kept. */
const knownTypes = new Map<string, { readonly name: string; readonly type: number }>();
const rememberedTypes = 1_024;

/** Fills a line from its row. `row` counts words of the core's memory. */
export function readLine(core: Core, row: number, line: Line): void {
  const { words } = core;
  line.bodyStart = Math.min(words[row + (scan.BODY_START >> 2)] ?? 0, line.end);
  line.isOdd = ((words[row + (scan.LINE_FLAGS >> 2)] ?? 0) & scan.ODD_HEADER) !== 0;
  line.type = words[row + (scan.RECORD_TYPE >> 2)] ?? 0;
  const name = typeNames[line.type];
  if (name === undefined) readType(core, row, line);
  else line.typeName = name;
}

/** A type that was logged by its number is the same as by its name. */
function readType(core: Core, row: number, line: Line): void {
  const logged = textOf(core, row, scan.TYPE_START, scan.TYPE_END);
  const { name, type } = knownTypes.get(logged) ?? nameType(logged);
  line.typeName = name;
  line.type = type;
  if (name !== logged) line.isOdd = true;
}

function nameType(logged: string): { readonly name: string; readonly type: number } {
  const number = recordTypeNumber(logged);
  const name = number === undefined ? logged : recordTypeName(number);
  const named = { name, type: Math.max(typeNames.indexOf(name), 0) };
  if (knownTypes.size < rememberedTypes) knownTypes.set(logged, named);
  return named;
}

/** The stamp of a line that has one. */
export function readStamp(core: Core, row: number): Stamp {
  const { words } = core;
  const seconds = words[row + (scan.SECONDS >> 2)] ?? 0;
  const milliseconds = words[row + (scan.MILLISECONDS >> 2)] ?? 0;
  const serial = (words[row + (scan.SERIAL >> 2)] ?? 0) >>> 0;
  const node = readNode(core, row);
  const isOdd = ((words[row + (scan.LINE_FLAGS >> 2)] ?? 0) & scan.ODD_STAMP) !== 0;
  if (!isOdd) return { seconds, milliseconds, serial, oddText: "", node };
  const oddText = textOf(core, row, scan.STAMP_START, scan.STAMP_END);
  const allSeconds = seconds < 0 ? Number.parseInt(oddText, 10) : seconds;
  return { seconds: allSeconds, milliseconds, serial, oddText, node };
}

/** What a line says of its host in `node=`; empty if it does not. */
export function readNode(core: Core, row: number): string {
  const isNamed = core.words[row + (scan.NODE_START >> 2)] !== 0;
  return isNamed ? textOf(core, row, scan.NODE_START, scan.NODE_END) : "";
}

function textOf({ words, bytes }: Core, row: number, start: number, end: number): string {
  return bytes.toString("latin1", words[row + (start >> 2)], words[row + (end >> 2)]);
}
