/** Names by number, the first of each as getpwuid(3) has it. */
export type NamesById = ReadonlyMap<number, string>;

/** The greatest number an account can have; the one above it means none. */
const greatestId = 4_294_967_294;

/**
 * Reads the text of passwd(5) or group(5): name, password, number, ….
 * What is no account is passed over, such as comments and the `+` and `-` of nsswitch's compat mode.
 */
export function parseAccounts(text: string): NamesById {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name = "", , number = ""] = line.split(":", 3);
    if (name === "" || /^[+\-#]/.test(name) || !/^\d{1,10}$/.test(number)) continue;
    const id = Number(number);
    if (id <= greatestId && !names.has(id)) names.set(id, name);
  }
  return names;
}

/** Whether a number is one that an account can have. */
export function isAccountId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id <= greatestId;
}
