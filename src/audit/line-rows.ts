import type { Stamp } from "#model/stamp.ts";
import type { Core } from "./core/core.ts";
import * as scan from "./core/lines.ts";

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

/** The name of a line's record type, as logged. `row` counts words of the core's memory. */
export function readTypeName(core: Core, row: number): string {
  const type = core.words[row + (scan.RECORD_TYPE >> 2)] ?? 0;
  return typeNames[type] ?? textOf(core, row, scan.TYPE_START, scan.TYPE_END);
}

/** The stamp of a line that has one. */
export function readStamp(core: Core, row: number): Stamp {
  const { words } = core;
  const text = textOf(core, row, scan.STAMP_START, scan.STAMP_END);
  const seconds = words[row + (scan.SECONDS >> 2)] ?? 0;
  return {
    seconds: seconds < 0 ? Number.parseInt(text, 10) : seconds,
    milliseconds: words[row + (scan.MILLISECONDS >> 2)] ?? 0,
    serial: (words[row + (scan.SERIAL >> 2)] ?? 0) >>> 0,
    text,
    node: readNode(core, row),
  };
}

/** What a line says of its host in `node=`; empty if it does not. */
export function readNode(core: Core, row: number): string {
  const isNamed = core.words[row + (scan.NODE_START >> 2)] !== 0;
  return isNamed ? textOf(core, row, scan.NODE_START, scan.NODE_END) : "";
}

function textOf({ words, bytes }: Core, row: number, start: number, end: number): string {
  return bytes.toString("latin1", words[row + (start >> 2)], words[row + (end >> 2)]);
}
