import { capabilityNames } from "./capability-names.ts";
import { createNameTable } from "./name-table.ts";

const table = createNameTable(capabilityNames);

/** The name of a capability, `CAP_SYS_ADMIN` for 21, or `undefined` if there is none. */
export function capabilityName(number: number): string | undefined {
  return table.name(number);
}
