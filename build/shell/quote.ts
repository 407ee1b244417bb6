/** Quotes a value as one word of POSIX shell. Words that need no quotes stay as they are. */
export function quote(value: string): string {
  if (/^[A-Za-z0-9_./:@%+,-]+$/.test(value)) return value;
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
