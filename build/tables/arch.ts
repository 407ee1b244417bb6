import { evaluate, readMacros } from "./headers.ts";

/** An architecture as `arch=` of a record names it. */
export interface ArchRow {
  readonly value: number;
  readonly name: string;
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
}

const prefix = "AUDIT_ARCH_";
const is64Bit = 0x8000_0000;
const isLittleEndian = 0x4000_0000;

/** Every architecture that the kernel's audit knows, by name. */
export function readArchitectures(): readonly ArchRow[] {
  const macros = readMacros("linux/audit.h");
  return [...macros]
    .filter(([macro]) => macro.startsWith(prefix))
    .map(([macro, text]) => toRow(macro.slice(prefix.length), evaluate(text, macros)))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function toRow(name: string, value: number | undefined): ArchRow {
  if (value === undefined) throw new Error(`Cannot read the number of ${prefix}${name}`);
  return {
    value,
    name: name.toLowerCase(),
    bits: (value & is64Bit) === 0 ? 32 : 64,
    littleEndian: (value & isLittleEndian) !== 0,
  };
}
