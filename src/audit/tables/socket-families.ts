import { createNameTable } from "./name-table.ts";
import { socketFamilyNames } from "./socket-family-names.ts";

const table = createNameTable(socketFamilyNames);

/** The name of a family of socket addresses, `inet6` for 10, or `undefined` if there is none. */
export function socketFamilyName(number: number): string | undefined {
  return table.name(number);
}
