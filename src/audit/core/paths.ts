// Resolves the names of PATH records by text alone: `.`, `..` and `//` go, links stay.
import { PATHS } from "./layout.ts";
import { copy, findByte, load8, store8 } from "./memory.ts";
import { decodeValue, setText, textSize, textStart } from "./values.ts";

const NAME: i32 = PATHS;
const JOINED: i32 = PATHS + 0x12000;
const RESOLVED: i32 = PATHS + 0x28000;
/** Longest name that is resolved; PATH_MAX is 4,096. */
const LONGEST: i32 = 0x10000;

/**
 * Makes the absolute path of a name and points the text to it; false for a name that stays relative,
 * which is given as it is. `base` is the field that a relative name starts from, or 0.
 */
export function resolvePath(name: i32, base: i32): boolean {
  if (!decodeValue(name)) {
    setText(0, 0);
    return false;
  }
  const size = textSize();
  if (size === 0 || size > LONGEST) return false;
  copy(NAME, textStart(), size);
  if (load8(NAME) === 0x2f) {
    normalise(NAME, size);
    return true;
  }
  if (base === 0 || !decodeValue(base) || !isAbsolute()) {
    setText(NAME, size);
    return false;
  }
  const baseSize = textSize();
  if (baseSize + size >= LONGEST) {
    setText(NAME, size);
    return false;
  }
  copy(JOINED, textStart(), baseSize);
  store8(JOINED + baseSize, 0x2f);
  copy(JOINED + baseSize + 1, NAME, size);
  normalise(JOINED, baseSize + 1 + size);
  return true;
}

function isAbsolute(): boolean {
  return textSize() > 0 && textSize() <= LONGEST && load8(textStart()) === 0x2f;
}

/** Copies an absolute path component by component. */
function normalise(at: i32, size: i32): void {
  const end: i32 = at + size;
  let out: i32 = RESOLVED;
  let from = at;
  while (from < end) {
    const stop = findByte(from, end, 0x2f);
    const length: i32 = stop - from;
    if (length === 2 && load8(from) === 0x2e && load8(from + 1) === 0x2e) {
      while (out > RESOLVED && load8(--out) !== 0x2f);
    } else if (length > 0 && !(length === 1 && load8(from) === 0x2e)) {
      store8(out, 0x2f);
      copy(out + 1, from, length);
      out += length + 1;
    }
    from = stop + 1;
  }
  if (out === RESOLVED) store8(out++, 0x2f);
  setText(RESOLVED, out - RESOLVED);
}
