import { createNameTable, type NameTable } from "./name-table.ts";
import { syscallNames } from "./syscall-names.ts";

/** Added to the number of a call that a program for x32 made; `arch=` says x86_64 for it. */
const x32Bit = 0x4000_0000;

const tables: ReadonlyMap<string, NameTable> = new Map(
  Object.entries(syscallNames).map(([table, names]) => [table, createNameTable(names)]),
);

/**
 * The name of a system call, or `undefined` if the architecture has no table or the number no name.
 *
 * Names are the kernel's, so a call is named alike on all architectures: x86_64's 17 and 18 are
 * `pread64` and `pwrite64`, where ausyscall(8) and auditd's trailer say `pread` and `pwrite`.
 */
export function syscallName(architecture: string, number: number): string | undefined {
  if (architecture === "x86_64" && number >= x32Bit) {
    const own = number - x32Bit;
    return tables.get("x32")?.name(own) ?? syscallName(architecture, own);
  }
  const table = tables.get(architecture);
  return (
    table?.name(number) ?? (table === undefined ? undefined : tables.get("shared")?.name(number))
  );
}

/** The number of a system call on an architecture, or `undefined` if it has none there. */
export function syscallNumber(architecture: string, name: string): number | undefined {
  const table = tables.get(architecture);
  return (
    table?.number(name) ?? (table === undefined ? undefined : tables.get("shared")?.number(name))
  );
}
