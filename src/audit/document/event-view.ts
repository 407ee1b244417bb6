import { tellsAction } from "#audit/actions.ts";
import type { OpenEvent } from "#audit/assembler.ts";
import type { Core } from "#audit/core/core.ts";
import { EVENT, FIELD_ROWS, SLOT_KEYS, SLOTS, STACK } from "#audit/core/layout.ts";
import { CWD, EOE, EXECVE, OTHER, PATH, PROCTITLE, SOCKADDR, SYSCALL } from "#audit/core/lines.ts";
import { WRITTEN_FIELDS } from "#audit/core/records.ts";
import type { Line } from "#audit/line.ts";
import { isUserType } from "#audit/record-class.ts";
import type { AccountNames } from "#model/enrich.ts";
import { renderNames } from "./added-names.ts";

/** Groups of slots, by what the record is to the event. */
export const groups = {
  main: 0,
  message: 1,
  cwd: 2,
  socket: 3,
  title: 4,
  execve: 5,
  telling: 6,
  tellingMessage: 7,
  path: 8,
};
/**
 * PATH records that are looked into. The kernel makes a handful; when udev renames devices at boot, up
 * to some eighty. With the groups before them they fill the core's slots.
 */
const pathLimit = (STACK - SLOTS) / (SLOT_KEYS * 8) - groups.path;

/** The rows [from, to) of the fields of one or more records. */
export interface FieldRange {
  readonly from: number;
  readonly to: number;
}

/** A record that is not one of an event's usual ones, with its fields. */
export interface OtherRecord extends FieldRange {
  readonly typeName: string;
}

/** The record that says best what happened, and the groups of its slots. */
export interface TellingRecord extends OtherRecord {
  readonly group: number;
  /** Of what stands inside its `msg='…'`. */
  readonly message: number;
}

/**
 * An event as the core's tables show it: each record split, each in its group of slots. One view
 * serves all events, one after the other.
 */
export class EventView {
  readonly #core: Core;
  /** Type of the SYSCALL record, else of the first with a meaning of its own, else of the first. */
  primaryType = OTHER;
  primaryTypeName = "";
  /** The primary record's fields are the first. */
  primaryTo = 0;
  /** What happened is told by this record; beside a SYSCALL record there may be none. */
  telling: TellingRecord | undefined;
  /** A program told of it, with its fields in `msg='…'`. */
  isUserRecord = false;
  /** The fields of all EXECVE records; the same place twice if there are none. */
  execveFrom = 0;
  execveTo = 0;
  pathCount = 0;
  hasCwd = false;
  hasSocket = false;
  hasTitle = false;
  /** Some records were not split, for there were too many fields or paths. */
  isCut = false;
  readonly others: OtherRecord[] = [];
  /** The row of the next field. */
  #next = 1;
  #names: AccountNames | undefined;
  /** Where the next names go in the core's memory. */
  #namesAt: number = EVENT;
  readonly #pathRows = new Int32Array(pathLimit + 1);

  constructor(core: Core) {
    this.#core = core;
  }

  get hasSyscall(): boolean {
    return this.primaryType === SYSCALL;
  }

  get primaryFields(): FieldRange {
    return { from: 1, to: this.primaryTo };
  }

  /** The fields of each PATH record that has a group, in the order they came. */
  get paths(): readonly FieldRange[] {
    return Array.from({ length: this.pathCount }, (_, path) => ({
      from: this.#pathRows[path] ?? 0,
      to: this.#pathRows[path + 1] ?? 0,
    }));
  }

  /** Splits an event's records into the core's tables; with names, those of the ids that lack them too. */
  show({ lines }: OpenEvent, names: AccountNames | undefined): void {
    this.#reset();
    this.#names = names;
    this.#namesAt = placeLines(this.#core, lines);
    this.#core.beginEvent();
    const telling = lines.find(isTelling);
    const primary = primaryOf(lines, telling);
    this.primaryType = primary.type;
    this.primaryTypeName = primary.typeName;
    this.#next = 1;
    this.primaryTo = this.#split(primary, groups.main, groups.message);
    this.#checkCount(primary, 1, this.primaryTo);
    if (primary.type === OTHER) {
      const { typeName } = primary;
      const { main: group, message } = groups;
      this.telling = { typeName, from: 1, to: this.primaryTo, group, message };
    }
    this.#addNames(groups.main);
    // Arguments and paths, each in one range of rows.
    this.execveFrom = this.#next;
    this.execveTo = this.#next;
    for (const line of lines) if (line.type === EXECVE && line !== primary) this.#splitExecve(line);
    for (const line of lines) if (line.type === PATH && line !== primary) this.#splitPath(line);
    for (const line of lines) if (line !== primary) this.#splitOther(line, line === telling);
    this.isUserRecord = this.telling !== undefined && isUserType(this.telling.typeName);
  }

  #reset(): void {
    this.telling = undefined;
    this.pathCount = 0;
    this.hasCwd = false;
    this.hasSocket = false;
    this.hasTitle = false;
    this.isCut = false;
    this.others.length = 0;
  }

  #splitExecve(line: Line): void {
    const isFirst = this.execveTo === this.execveFrom;
    this.execveTo = this.#split(line, isFirst ? groups.execve : -1, -1);
  }

  #splitPath(line: Line): void {
    if (this.pathCount === pathLimit) {
      this.isCut = true;
      return;
    }
    this.#pathRows[this.pathCount] = this.#next;
    this.#split(line, groups.path + this.pathCount, -1);
    this.#addNames(groups.path + this.pathCount);
    this.pathCount++;
    this.#pathRows[this.pathCount] = this.#next;
  }

  #splitOther(line: Line, tells: boolean): void {
    const { type, typeName } = line;
    if (type === EXECVE || type === PATH || type === EOE) return;
    const group = tells ? groups.telling : this.#groupOf(type);
    const from = this.#next;
    const to = this.#split(line, group, tells ? groups.tellingMessage : -1);
    if (tells) this.telling = { typeName, from, to, group, message: groups.tellingMessage };
    if (tells || group < 0) {
      this.others.push({ typeName, from, to });
      this.#checkCount(line, from, to);
    }
  }

  /** Only so many fields of such a record are written. */
  #checkCount({ type }: Line, from: number, to: number): void {
    if (type === OTHER && to - from > WRITTEN_FIELDS) this.isCut = true;
  }

  /** The group of a record by its type; -1 for one that has no group or whose group is taken. */
  #groupOf(type: number): number {
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

  /** Adds a trailer to a record that has none. */
  #addNames(group: number): void {
    if (this.#names === undefined) return;
    const text = renderNames(this.#core, group, this.#names);
    if (text === "") return;
    const start = this.#namesAt;
    this.#namesAt += this.#core.bytes.write(text, start);
    this.#next = this.#core.splitBody(start, this.#namesAt, group, -1);
  }

  /** Splits a record and returns the row behind its last field. */
  #split(line: Line, group: number, message: number): number {
    const start = line.bodyStart + line.shift;
    this.#next = this.#core.splitBody(start, line.end + line.shift, group, message);
    if (this.#next === FIELD_ROWS) this.isCut = true;
    return this.#next;
  }
}

function primaryOf(lines: readonly Line[], telling: Line | undefined): Line {
  const [first] = lines;
  if (first === undefined) throw new RangeError("Cannot view an event without records");
  if (first.type === SYSCALL) return first;
  return (
    lines.find(({ type }) => type === SYSCALL) ??
    telling ??
    lines.find(({ type }) => type === OTHER) ??
    first
  );
}

function isTelling({ type, typeName }: Line): boolean {
  return type === OTHER && tellsAction(typeName);
}

/** Puts the lines that came with earlier blocks back into the core's memory; returns where they end. */
function placeLines(core: Core, lines: readonly Line[]): number {
  let at: number = EVENT;
  for (const line of lines) {
    if (line.copy === undefined) continue;
    core.bytes.set(line.copy, at);
    line.shift = at - line.start;
    at += line.copy.length + 1;
    core.bytes[at - 1] = 0x0a;
  }
  return at;
}
