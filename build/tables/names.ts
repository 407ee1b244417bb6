import { numbersOf, readMacros } from "./headers.ts";

/** Names of errors; where two share a number, the kernel's first. */
export function readErrnos(): ReadonlyMap<number, string> {
  const numbers = numbersOf(readMacros("asm-generic/errno.h"), "E");
  const seconds = new Set(["WOULDBLOCK", "DEADLOCK"]);
  return byNumber([...numbers].filter(([name]) => !seconds.has(name)).map(prefixed("E")));
}

/** Names of capabilities. */
export function readCapabilities(): ReadonlyMap<number, string> {
  const numbers = numbersOf(readMacros("linux/capability.h"), "CAP_");
  return byNumber([...numbers].filter(([name]) => name !== "LAST_CAP").map(prefixed("CAP_")));
}

/** Names of the families of socket addresses, as auparse interprets `saddr`. */
export function readSocketFamilies(): ReadonlyMap<number, string> {
  const macros = [...readMacros("sys/socket.h")];
  const own = macros.filter(([, text]) => !text.startsWith("PF_"));
  const numbers = numbersOf(new Map(own), "PF_");
  const families = [...numbers].filter(([name]) => name !== "MAX");
  return byNumber(families.map(([name, number]) => [name.toLowerCase(), number]));
}

/** Macros in the range of record types that mark a range or stand for no record. */
const notRecordType = /^(?:FIRST|LAST)_|_(?:FIRST|LAST)_MSG$|^MESSAGE_TEXT_MAX$/;
const firstRecordType = 1_000;
const lastRecordType = 2_999;

/**
 * Types that kernels after Debian's headers have. 1420 and 1421 are left out: the kernel has them
 * for IPE, Ubuntu's for what the kernel calls MAC_TASK_CONTEXTS and MAC_OBJ_CONTEXTS.
 */
const newerRecordTypes: readonly (readonly [string, number])[] = [
  ["IPE_POLICY_LOAD", 1422],
  ["LANDLOCK_ACCESS", 1423],
  ["LANDLOCK_DOMAIN", 1424],
  ["MAC_TASK_CONTEXTS", 1425],
  ["MAC_OBJ_CONTEXTS", 1426],
];

/** Names of the types of records. */
export function readRecordTypes(): ReadonlyMap<number, string> {
  const numbers = [...numbersOf(readMacros("libaudit.h"), "AUDIT_"), ...newerRecordTypes];
  const types = numbers.filter(
    ([name, number]) =>
      number >= firstRecordType && number <= lastRecordType && !notRecordType.test(name),
  );
  return byNumber(types.map(([name, number]) => [name === "AA" ? "APPARMOR" : name, number]));
}

function prefixed(prefix: string) {
  return ([name, number]: readonly [string, number]) => [prefix + name, number] as const;
}

function byNumber(numbers: readonly (readonly [string, number])[]): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [name, number] of numbers) {
    const known = names.get(number);
    if (known !== undefined && known !== name) {
      throw new Error(`Two names for the number ${number}: ${known}, ${name}`);
    }
    names.set(number, name);
  }
  return names;
}
