import { errnoNames } from "./errno-names.ts";
import { createNameTable } from "./name-table.ts";

const table = createNameTable(errnoNames);

/** The name of an error, `ENOENT` for 2, or `undefined` if there is none. `exit=` has it negative. */
export function errnoName(number: number): string | undefined {
  return table.name(number);
}
