import { longestFragment, type ProcessSighting } from "#model/enrich.ts";

const comma = 0x2c;
const quote = 0x22;
const letterE = 0x65;
const backslash = 0x5c;
const executableKey = '"executable":"';
const deletedSuffix = Buffer.from(' (deleted)"');
const nothing = Buffer.alloc(0);
/** Where fragments are put together, and where they are read. */
const scratch = Buffer.alloc(longestFragment);

/**
 * A description of a process as JSON members, and where its parts lie. It is kept as a string, a
 * character for each byte: tens of thousands of small buffers would cost far more memory.
 */
export interface Fragment {
  readonly text: string;
  /** The text of `executable` as JSON, without its quotes; both 0 if it is unknown. */
  readonly executableStart: number;
  readonly executableEnd: number;
  /** Where the arguments begin, their comma first; the length of all if there are none. */
  readonly argumentsStart: number;
}

/** A range of bytes that holds JSON members. */
export interface Members {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** No members. */
export const noMembers: Members = { bytes: nothing, start: 0, end: 0 };

/** The members of a whole buffer. */
export function membersOf(bytes: Uint8Array): Members {
  return { bytes, start: 0, end: bytes.length };
}

/** The first part of what an event says: executable and name. */
export function programOf(sighting: ProcessSighting): Members {
  return {
    bytes: sighting.bytes,
    start: sighting.descriptionStart,
    end: sighting.argumentsStart,
  };
}

/** The second part of what an event says: the arguments. */
export function argumentsOf(sighting: ProcessSighting): Members {
  return { bytes: sighting.bytes, start: sighting.argumentsStart, end: sighting.descriptionEnd };
}

/** The arguments in a fragment. */
export function argumentsIn(fragment: Fragment): Members {
  const { text, argumentsStart: start } = fragment;
  return start === text.length
    ? noMembers
    : { bytes: Buffer.from(text, "latin1"), start, end: text.length };
}

/**
 * Makes a fragment. What does not fit into `longestFragment` is left out: the arguments first, then
 * the program too.
 */
export function createFragment(
  pid: number,
  entityId: string,
  program: Members,
  args: Members,
): Fragment {
  const head = `"pid":${pid},"entity_id":"${entityId}"`;
  const from = skipComma(program);
  const argsFrom = skipComma(args);
  let programEnd = head.length + (program.end > from ? program.end - from + 1 : 0);
  const hasProgram = programEnd <= longestFragment;
  if (!hasProgram) programEnd = head.length;
  let size = programEnd + (args.end > argsFrom ? args.end - argsFrom + 1 : 0);
  if (!hasProgram || size > longestFragment) size = programEnd;
  scratch.write(head, "latin1");
  if (programEnd > head.length) place(program, from, head.length);
  if (size > programEnd) place(args, argsFrom, programEnd);
  return layOut(scratch.toString("latin1", 0, size), head.length, programEnd);
}

/** Finds the parts of a fragment that was kept as text. */
export function restoreFragment(
  pid: number,
  entityId: string,
  text: string,
  argumentsStart: number,
): Fragment | undefined {
  const head = `"pid":${pid},"entity_id":"${entityId}"`;
  const isWhole = text.startsWith(head) && text.length <= longestFragment;
  if (!isWhole || argumentsStart < head.length || argumentsStart > text.length) return undefined;
  return layOut(text, head.length, argumentsStart);
}

/**
 * Whether an event names the executable of a fragment. True if either is unknown, and if the file
 * was deleted meanwhile, which the kernel shows as ` (deleted)` behind the path.
 */
export function hasExecutable(fragment: Fragment, sighting: ProcessSighting): boolean {
  const { text, executableStart, executableEnd } = fragment;
  const { bytes } = sighting;
  const start = sighting.descriptionStart;
  const open = start + (bytes[start] === comma ? 1 : 0) + executableKey.length;
  if (executableEnd === 0 || !namesExecutable(sighting)) return true;
  const size = executableEnd - executableStart;
  for (let at = 0; at < size; at++) {
    if (text.charCodeAt(executableStart + at) !== bytes[open + at]) return false;
  }
  return bytes[open + size] === quote || isDeleted(bytes, open + size);
}

/** Whether an event says which executable the process runs. */
export function namesExecutable(sighting: ProcessSighting): boolean {
  const { bytes, descriptionStart: start, argumentsStart: end } = sighting;
  const first = start + (bytes[start] === comma ? 1 : 0);
  // The other member it may begin with is `name`: the second character tells them apart.
  return first + executableKey.length < end && bytes[first + 1] === letterE;
}

function layOut(text: string, headEnd: number, argumentsStart: number): Fragment {
  const start = headEnd + 1 + executableKey.length;
  const hasKey = start < argumentsStart && text.startsWith(executableKey, headEnd + 1);
  return {
    text,
    executableStart: hasKey ? start : 0,
    executableEnd: hasKey ? endOfString(text, start) : 0,
    argumentsStart,
  };
}

/** Where the closing quote of a JSON string is. */
function endOfString(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) !== quote) {
    at += text.charCodeAt(at) === backslash ? 2 : 1;
  }
  return at;
}

function isDeleted(bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < deletedSuffix.length; at++) {
    if (bytes[start + at] !== deletedSuffix[at]) return false;
  }
  return true;
}

function skipComma(members: Members): number {
  const { bytes, start, end } = members;
  return start < end && bytes[start] === comma ? start + 1 : start;
}

/** Copies members behind others in the scratch, with a comma between. */
function place(members: Members, from: number, at: number): void {
  const { bytes, end } = members;
  scratch[at] = comma;
  for (let to = at + 1, source = from; source < end; to++, source++)
    scratch[to] = bytes[source] ?? 0;
}
