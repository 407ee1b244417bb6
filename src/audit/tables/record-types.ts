import { createNameTable } from "./name-table.ts";
import { recordTypeNames } from "./record-type-names.ts";

const table = createNameTable(recordTypeNames);
const UNNAMED = /^(?:UNKNOWN\[(?<bracketed>\d{1,10})\]|(?<bare>\d{1,10}))$/;

/**
 * The name of a type of records as auditd writes it: `SYSCALL` for 1300, `UNKNOWN[1420]` for one
 * that has no name.
 *
 * 1420 and 1421 have none, for kernels differ: IPE_ACCESS and IPE_CONFIG_CHANGE in Linux 6.12,
 * MAC_TASK_CONTEXTS and MAC_OBJ_CONTEXTS in Ubuntu's.
 */
export function recordTypeName(number: number): string {
  return table.name(number) ?? `UNKNOWN[${number}]`;
}

/** The number of a type by its name, by `UNKNOWN[1334]` or by `1334`; `undefined` for other text. */
export function recordTypeNumber(name: string): number | undefined {
  const number = table.number(name);
  if (number !== undefined) return number;
  const groups = UNNAMED.exec(name)?.groups;
  const digits = groups?.bracketed ?? groups?.bare;
  return digits === undefined ? undefined : Number(digits);
}
