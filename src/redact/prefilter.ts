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
const shortName = 3;

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

const needles = [
  ...[...nameNeedles, ...tokenNeedles].flatMap((needle) => [needle, hexOf(needle)]),
  ...ruledPrograms().flatMap((name) =>
    name.length > shortName
      ? [name, hexOf(name)]
      : [`"${name}"`, `/${name}"`, `${name} `, hexOf(`${name} `), hexOf(`${name}\0`)],
  ),
].map(fold);

/** Which letter of the needles a byte is; 0 for one that stands in none. */
const classes = new Uint8Array(256);
const letters = [...new Set(needles.join(""))];
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
}

function buildSteps(): Uint16Array {
  const states = buildTree();
  const table = new Uint16Array(states.length << rowBits);
  // The nearer to the root the earlier, as a row needs that of its fallback.
  for (const state of states.toSorted((a, b) => a.depth - b.depth)) fillRow(table, state);
  return table;
}

/** All beginnings of needles. */
function buildTree(): readonly State[] {
  const root: State = { number: 0, depth: 0, next: new Map(), fallback: 0, isEnd: false };
  const states = [root];
  for (const needle of needles) {
    let state = root;
    for (const letter of Buffer.from(needle, "latin1")) {
      const letterClass = classes[letter] ?? 0;
      let next = state.next.get(letterClass);
      if (next === undefined) {
        const [number, depth] = [states.length, state.depth + 1];
        next = { number, depth, next: new Map(), fallback: 0, isEnd: false };
        states.push(next);
        state.next.set(letterClass, next);
      }
      state = next;
    }
    state.isEnd = true;
  }
  return states;
}

function fillRow(table: Uint16Array, { number, depth, next, fallback }: State): void {
  for (let letterClass = 0; letterClass <= letters.length; letterClass++) {
    const beyond = depth === 0 ? 0 : (table[(fallback << rowBits) | letterClass] ?? 0);
    const state = next.get(letterClass);
    if (state !== undefined) state.fallback = beyond;
    const isFound = beyond === found || state?.isEnd === true;
    table[(number << rowBits) | letterClass] = isFound ? found : (state?.number ?? beyond);
  }
}
