import { archNames } from "./arch-names.ts";

/** What `arch=` of a record says of the machine and the program. */
export interface Architecture {
  /** As ausearch(8) has it: `x86_64`, `i386`, `aarch64`, `arm`, `riscv64`, `ppc64le`, `s390x`. */
  readonly name: string;
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
}

const architectures: ReadonlyMap<number, Architecture> = new Map(
  archNames.map(([value, name, bits, littleEndian]) => [value, { name, bits, littleEndian }]),
);

/** The architecture of a value of `arch=`, 0xc000003e for x86_64, or `undefined` if it is unknown. */
export function architectureOf(value: number): Architecture | undefined {
  return architectures.get(value);
}
