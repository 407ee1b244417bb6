import { readArchitectures } from "./arch.ts";
import { readCapabilities, readErrnos, readRecordTypes, readSocketFamilies } from "./names.ts";
import { generatedMark, renderNames } from "./render.ts";
import { readSyscalls } from "./syscalls.ts";

const folder = "src/audit/tables";

/** The tables of `src/audit/tables`, from the headers of Debian's packages. */
export function tableFiles(): ReadonlyMap<string, string> {
  return new Map([
    [`${folder}/syscall-names.ts`, renderSyscalls()],
    [`${folder}/arch-names.ts`, renderArchitectures()],
    [
      `${folder}/errno-names.ts`,
      renderTable("errnoNames", "`ENOENT` by number. Source: asm-generic/errno.h.", readErrnos()),
    ],
    [
      `${folder}/record-type-names.ts`,
      renderTable(
        "recordTypeNames",
        "`SYSCALL` by number. Source: linux/audit.h and libaudit.h, without `AUDIT_`.",
        readRecordTypes(),
      ),
    ],
    [
      `${folder}/socket-family-names.ts`,
      renderTable(
        "socketFamilyNames",
        "`inet6` by number. Source: sys/socket.h, without `PF_`.",
        readSocketFamilies(),
      ),
    ],
    [
      `${folder}/capability-names.ts`,
      renderTable(
        "capabilityNames",
        "`CAP_SYS_ADMIN` by number. Source: linux/capability.h.",
        readCapabilities(),
      ),
    ],
  ]);
}

function renderTable(name: string, comment: string, names: ReadonlyMap<number, string>): string {
  return `${generatedMark}

/** ${comment} */
export const ${name} = \`
${renderNames(names)}
\`;
`;
}

function renderSyscalls(): string {
  const tables = [...readSyscalls()].map(
    ([table, names]) => `  ${table}: \`
${renderNames(names)}
\`,
`,
  );
  return `${generatedMark}

/** Names of system calls by architecture and number. Source: asm/unistd.h. */
export const syscallNames = {
${tables.join("")}};
`;
}

function renderArchitectures(): string {
  const rows = readArchitectures().map(
    ({ value, name, bits, littleEndian }) =>
      `  [0x${value.toString(16)}, "${name}", ${bits}, ${littleEndian}],\n`,
  );
  return `${generatedMark}

/** Value, name, bits of a word, and whether it is little-endian. Source: linux/audit.h. */
export const archNames = [
${rows.join("")}] as const;
`;
}
