/** Names by number, and numbers by name. */
export interface NameTable {
  name(number: number): string | undefined;
  number(name: string): number | undefined;
}

/**
 * Makes a table of a list of words: each name has the number after the one before, and a number in
 * the list is that of the name that follows. The list is read when it is first asked.
 */
export function createNameTable(words: string): NameTable {
  let names: ReadonlyMap<number, string> | undefined;
  let numbers: ReadonlyMap<string, number> | undefined;
  return {
    name(number) {
      names ??= parseNames(words);
      return names.get(number);
    },
    number(name) {
      names ??= parseNames(words);
      numbers ??= new Map([...names].map(([number, each]) => [each, number]));
      return numbers.get(name);
    },
  };
}

function parseNames(words: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  let number = 0;
  for (const word of words.trim().split(/\s+/)) {
    if (/^\d+$/.test(word)) number = Number(word);
    else names.set(number++, word);
  }
  return names;
}
