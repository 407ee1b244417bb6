import type { OpenEvent } from "#audit/assembler.ts";
import type { Core } from "#audit/core/core.ts";
import { EVENT } from "#audit/core/layout.ts";
import { CWD, EOE, EXECVE, OTHER, PATH, PROCTITLE, SOCKADDR, SYSCALL } from "#audit/core/lines.ts";
import type { Line } from "#audit/line.ts";
import { isUserType } from "#audit/record-class.ts";

/** Groups of slots, by what the record is to the event. */
export const groups = { main: 0, message: 1, cwd: 2, socket: 3, title: 4, execve: 5, path: 16 };
/** PATH records that are looked into; the kernel makes a handful. */
const pathLimit = 60;

/** The rows [from, to) of the fields of one or more records. */
export interface FieldRange {
  readonly from: number;
  readonly to: number;
}

/** A record that is not one of an event's usual ones, with its fields. */
export interface OtherRecord extends FieldRange {
  readonly typeName: string;
}

/** An event as the core's tables show it: each record split, each in its group of slots. */
export interface EventView {
  /** The SYSCALL record, else the first that has a meaning of its own, else the first. */
  readonly primary: Line;
  readonly primaryFields: FieldRange;
  readonly hasSyscall: boolean;
  readonly isUserRecord: boolean;
  readonly execve: FieldRange | undefined;
  readonly execveRecords: number;
  readonly pathCount: number;
  /** The fields of each PATH record that has a group, in the order they came. */
  readonly paths: readonly FieldRange[];
  readonly hasCwd: boolean;
  readonly hasSocket: boolean;
  readonly hasTitle: boolean;
  readonly others: readonly OtherRecord[];
  /** Some records were not split, for there were too many fields or paths. */
  readonly isCut: boolean;
}

const supporting = new Set([EXECVE, PATH, CWD, PROCTITLE, SOCKADDR, EOE]);

/** Splits an event's records into the core's tables. */
export function viewEvent(core: Core, event: OpenEvent): EventView {
  const { lines } = event;
  placeLines(core, lines);
  core.beginEvent();
  const primary = primaryOf(lines);
  const view = new SplitEvent(core, primary);
  for (const line of lines) if (line.type === EXECVE && line !== primary) view.splitExecve(line);
  for (const line of lines) if (line.type !== EXECVE && line !== primary) view.split(line);
  return view;
}

class SplitEvent implements EventView {
  readonly #core: Core;
  readonly primary: Line;
  readonly primaryFields: FieldRange;
  readonly hasSyscall: boolean;
  readonly isUserRecord: boolean;
  readonly paths: FieldRange[] = [];
  readonly others: OtherRecord[] = [];
  execve: FieldRange | undefined;
  execveRecords = 0;
  pathCount = 0;
  hasCwd = false;
  hasSocket = false;
  hasTitle = false;
  isCut = false;

  constructor(core: Core, primary: Line) {
    this.#core = core;
    this.primary = primary;
    this.hasSyscall = primary.type === SYSCALL;
    this.isUserRecord = primary.type === OTHER && isUserType(primary.typeName);
    this.primaryFields = this.#split(primary, groups.main, groups.message);
  }

  /** EXECVE records go first and together, so that their arguments are one range. */
  splitExecve(line: Line): void {
    const { from, to } = this.#split(line, this.execve === undefined ? groups.execve : -1, -1);
    this.execve = { from: this.execve?.from ?? from, to };
    this.execveRecords++;
  }

  split(line: Line): void {
    if (line.type === EOE) return;
    const group = this.#groupOf(line.type);
    const range = this.#split(line, group, -1);
    if (group >= groups.path) this.paths.push(range);
    if (group < 0) this.others.push({ typeName: line.typeName, ...range });
  }

  /** The group of a record by its type; -1 for one that has no group or whose group is taken. */
  #groupOf(type: number): number {
    if (type === PATH && this.pathCount < pathLimit) return groups.path + this.pathCount++;
    if (type === PATH) this.isCut = true;
    if (type === CWD && !this.hasCwd) {
      this.hasCwd = true;
      return groups.cwd;
    }
    if (type === PROCTITLE && !this.hasTitle) {
      this.hasTitle = true;
      return groups.title;
    }
    if (type === SOCKADDR && !this.hasSocket) {
      this.hasSocket = true;
      return groups.socket;
    }
    return -1;
  }

  #split(line: Line, group: number, message: number): FieldRange {
    const from = this.#core.nextField();
    const start = line.bodyStart + line.shift;
    if (!this.#core.splitBody(start, line.end + line.shift, group, message)) this.isCut = true;
    return { from, to: this.#core.nextField() };
  }
}

function primaryOf(lines: readonly Line[]): Line {
  const [first] = lines;
  if (first === undefined) throw new RangeError("Cannot view an event without records");
  if (first.type === SYSCALL) return first;
  return (
    lines.find(({ type }) => type === SYSCALL) ??
    lines.find(({ type }) => !supporting.has(type)) ??
    first
  );
}

/** Puts the lines that came with earlier blocks back into the core's memory. */
function placeLines(core: Core, lines: readonly Line[]): void {
  let at: number = EVENT;
  for (const line of lines) {
    if (line.copy === undefined) continue;
    core.bytes.set(line.copy, at);
    line.shift = at - line.start;
    at += line.copy.length + 1;
    core.bytes[at - 1] = 0x0a;
  }
}
