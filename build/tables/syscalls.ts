import { type Headers, headersOf, numbersOf, readMacros } from "./headers.ts";

/** From this number on a system call has the same number on every architecture. */
const firstShared = 424;
/** From this number on x86_64's calls are x32's own. */
const firstOfX32 = 512;

/** Calls that kernels after Debian's headers have, by number; the kernel's scripts/syscall.tbl. */
const newer: ReadonlyMap<number, string> = numbered(
  451,
  "cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount " +
    "lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat " +
    "listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield",
);

/** Likewise, below the shared numbers. */
const newerOf: Readonly<Record<string, ReadonlyMap<number, string>>> = {
  x86_64: numbered(335, "uretprobe uprobe"),
  riscv64: numbered(258, "riscv_hwprobe"),
};

/** Macros that begin as those of calls do, but count or divide them. */
const notCalls = new Set([
  "syscalls",
  "arch_specific_syscall",
  "SYSCALL_BASE",
  "SYSCALL_MASK",
  "OABI_SYSCALL_BASE",
]);
/** Second names of the same number. */
const aliases = new Set(["arm_sync_file_range"]);

/**
 * The names of the system calls by table and number: one table for each architecture, `x32` for
 * those of its calls that are not x86_64's, `shared` for those that are the same everywhere.
 */
export function readSyscalls(): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const all = Object.entries(headersOf).map(
    ([architecture, headers]) => [architecture, readCalls(architecture, headers)] as const,
  );
  const own = all.map(([architecture, names]) => [architecture, below(names)] as const);
  const shared = new Map([...all.flatMap(([, names]) => [...names].filter(isShared)), ...newer]);
  for (const [number, name] of all.flatMap(([, names]) => [...names].filter(isShared))) {
    if (shared.get(number) !== name)
      throw new Error(`Two names for system call ${number}: ${name}`);
  }
  return new Map([...own, ["x32", readX32()], ["shared", shared]]);
}

function readCalls(architecture: string, headers: Headers): ReadonlyMap<number, string> {
  const numbers = numbersOf(readMacros("asm/unistd.h", headers), "__NR_");
  const names = new Map<number, string>(newerOf[architecture]);
  for (const [name, number] of numbers) {
    if (notCalls.has(name) || aliases.has(name)) continue;
    const known = names.get(number);
    if (known !== undefined && known !== name) {
      throw new Error(`Two names for system call ${number} of ${architecture}: ${known}, ${name}`);
    }
    names.set(number, name);
  }
  return names;
}

/** An x32 number is x86_64's with one more bit, but for the calls that pass other structures. */
function readX32(): ReadonlyMap<number, string> {
  const macros = readMacros("asm/unistd_x32.h", headersOf.x86_64);
  const numbers = numbersOf(new Map([...macros, ["__X32_SYSCALL_BIT", "0"]]), "__NR_");
  const own = [...numbers].filter(([, number]) => number >= firstOfX32);
  return new Map(own.map(([name, number]) => [number, name]));
}

function below(names: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  return new Map([...names].filter((entry) => !isShared(entry)));
}

function isShared([number]: readonly [number, string]): boolean {
  return number >= firstShared && number < 1_024;
}

function numbered(first: number, names: string): ReadonlyMap<number, string> {
  return new Map(names.split(" ").map((name, index) => [first + index, name]));
}
