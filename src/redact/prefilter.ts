import { ruledPrograms } from "./program-rules.ts";
import { tokenNeedles } from "./token-forms.ts";

/** A secret has one of these near it, in whatever case; names of options and variables, and what addresses have. */
const nameNeedles: readonly string[] = (
  "pass pwd secret token key auth cred cookie bearer basic jwt psk otp -pw _pw pw= pin= -pin community " +
  "signature sig= sas= session connectionstring connection_string :// _len= sudo doas kennwort _pat= -pat="
).split(" ");
/** A row of the automaton has room for 64 classes of bytes. */
const rowBits = 6;
/** The state that is never left. */
const found = 0xffff;
/** The longest name of a program that is too short to be looked for within others. */
const shortName = 5;
/** So much of a longer one tells it from most words. */
const enoughOfName = 7;
/** What has a needle in it and is in half of all scripts. */
const harmless = ["/etc/passwd", '"passwd"', "getent passwd", "getent\0passwd"];

/**
 * Tells whether a line may hold a secret, also in hexadecimal, by a search for all the needles at once.
 * It is quick and may be wrong; a line that it lets go holds none that the rules would find.
 *
 * Source: A. V. Aho, M. J. Corasick, Efficient string matching, 1975.
 */
export function mayHoldSecret(bytes: Uint8Array, start: number, end: number): boolean {
  let state = 0;
  for (let at = start; at < end; at++) {
    state = steps[(state << rowBits) | (classes[bytes[at] ?? 0] ?? 0)] ?? 0;
    if (state === found) return true;
  }
  return false;
}

/**
 * Letters are the same in either case, and so are the digits 4 and 6, 5 and 7: with these a letter's
 * hexadecimal form begins.
 */
function fold(text: string): string {
  return text.toLowerCase().replaceAll("4", "6").replaceAll("5", "7");
}

function hexOf(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

const needles = withoutLonger(
  [
    ...[...nameNeedles, ...tokenNeedles].flatMap((needle) => [needle, hexOf(needle)]),
    ...ruledPrograms().flatMap((name) =>
      name.length > shortName
        ? [name.slice(0, enoughOfName), hexOf(name.slice(0, enoughOfName))]
        : [
            ...[`"${name}"`, `/${name}"`, `${name} `],
            ...[" ", "\0", "\t", "\n"].map((after) => hexOf(name + after)),
          ],
    ),
  ].map(fold),
);
const exceptions = harmless.flatMap((text) => [text, hexOf(text)]).map(fold);

/** A needle that has another one in it is found by that. */
function withoutLonger(texts: readonly string[]): readonly string[] {
  const all = [...new Set(texts)];
  return all.filter((text) => !all.some((other) => other !== text && text.includes(other)));
}

/** Which letter of the needles a byte is; 0 for one that stands in none. */
const classes = new Uint8Array(256);
const letters = [...new Set([...needles, ...exceptions].join(""))];
for (let byte = 0; byte < 256; byte++) {
  classes[byte] = letters.indexOf(fold(String.fromCharCode(byte))) + 1;
}
/** The next state by state and class. */
const steps = buildSteps();

interface State {
  readonly number: number;
  readonly depth: number;
  readonly next: Map<number, State>;
  /** Where a search goes on that does not go on here. */
  fallback: number;
  isEnd: boolean;
  /** On the way to an exception: a needle in it does not count unless the exception breaks off. */
  isException: boolean;
}

function buildSteps(): Uint16Array {
  const states = buildTree();
  const table = new Uint16Array(states.length << rowBits);
  // The nearer to the root the earlier, as a row needs that of its fallback.
  for (const state of states.toSorted((a, b) => a.depth - b.depth)) fillRow(table, state);
  return table;
}

/** All beginnings of needles and exceptions. */
function buildTree(): readonly State[] {
  const states: State[] = [];
  const root = addState(states, 0);
  for (const needle of needles) {
    const end = addPath(states, root, needle).at(-1);
    if (end !== undefined) end.isEnd = true;
  }
  for (const exception of exceptions) {
    for (const state of addPath(states, root, exception)) state.isException = true;
  }
  return states;
}

function addPath(states: State[], root: State, text: string): readonly State[] {
  const path = [root];
  for (const letter of Buffer.from(text, "latin1")) {
    const state = path.at(-1) ?? root;
    const letterClass = classes[letter] ?? 0;
    const next = state.next.get(letterClass) ?? addState(states, state.depth + 1);
    state.next.set(letterClass, next);
    path.push(next);
  }
  return path.slice(1);
}

function addState(states: State[], depth: number): State {
  const state = {
    number: states.length,
    depth,
    next: new Map(),
    fallback: 0,
    isEnd: false,
    isException: false,
  };
  states.push(state);
  return state;
}

function fillRow(table: Uint16Array, { number, depth, next, fallback }: State): void {
  for (let letterClass = 0; letterClass <= letters.length; letterClass++) {
    const inFallback = table[(fallback << rowBits) | letterClass] ?? 0;
    const beyond = depth === 0 ? 0 : fallback === found ? found : inFallback;
    const child = next.get(letterClass);
    const cell = (number << rowBits) | letterClass;
    table[cell] = child === undefined ? beyond : enter(child, beyond);
  }
}

/** The state that a child is, or "found"; `beyond` is where a search would be without the child. */
function enter(child: State, beyond: number): number {
  // At the end of an exception the search begins anew; within one, it fails back to "found".
  const isOver = child.isException && child.next.size === 0;
  child.fallback = isOver && beyond === found ? 0 : beyond;
  const isFound = child.isEnd || (beyond === found && !child.isException);
  return isFound ? found : child.number;
}
