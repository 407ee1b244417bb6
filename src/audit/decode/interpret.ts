import { capabilityName } from "#audit/tables/capabilities.ts";
import { errnoName } from "#audit/tables/errno.ts";

/** Names of the signals from 1 on, the same on every arch that we know. Source: signal(7). */
const signals: readonly string[] = (
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP " +
  "TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
)
  .split(" ")
  .map((name) => `SIG${name}`);

/** Requests of ptrace() by number; those from 12 to 19 are x86's. Source: linux/ptrace.h. */
const ptraceRequests: ReadonlyMap<number, string> = new Map([
  ...numbered(
    0,
    "TRACEME PEEKTEXT PEEKDATA PEEKUSR POKETEXT POKEDATA POKEUSR CONT KILL SINGLESTEP",
  ),
  ...numbered(12, "GETREGS SETREGS GETFPREGS SETFPREGS ATTACH DETACH GETFPXREGS SETFPXREGS"),
  ...numbered(24, "SYSCALL"),
  ...numbered(0x4200, "SETOPTIONS GETEVENTMSG GETSIGINFO SETSIGINFO GETREGSET SETREGSET SEIZE"),
  ...numbered(0x4207, "INTERRUPT LISTEN PEEKSIGINFO GETSIGMASK SETSIGMASK SECCOMP_GET_FILTER"),
  ...numbered(0x420d, "SECCOMP_GET_METADATA GET_SYSCALL_INFO GET_RSEQ_CONFIGURATION"),
  ...numbered(0x4210, "SET_SYSCALL_USER_DISPATCH_CONFIG GET_SYSCALL_USER_DISPATCH_CONFIG"),
  ...numbered(0x4212, "SET_SYSCALL_INFO"),
]);

/** What seccomp does, by the upper half of its code. Source: linux/seccomp.h. */
const seccompActions: ReadonlyMap<number, string> = new Map([
  [0x8000_0000, "kill_process"],
  [0x0000_0000, "kill_thread"],
  [0x0003_0000, "trap"],
  [0x0005_0000, "errno"],
  [0x7fc0_0000, "user_notif"],
  [0x7ff0_0000, "trace"],
  [0x7ffc_0000, "log"],
  [0x7fff_0000, "allow"],
]);

/** Names the error in a syscall's `exit` (`-13` is `EACCES`), or `undefined` if it is none. */
export function exitError(exit: string): string | undefined {
  return /^-\d{1,4}$/.test(exit) ? errnoName(-Number(exit)) : undefined;
}

/**
 * Lists the capabilities in a mask of hex digits (`cap_fp=0000000000003000`), or returns `undefined`
 * if it is none. A capability without a name stands with its number.
 */
export function capabilitiesIn(mask: string): readonly string[] | undefined {
  if (!/^(?:0x)?[\da-f]{1,16}$/i.test(mask)) return undefined;
  const bits = BigInt(mask.startsWith("0x") ? mask : `0x${mask}`);
  return Array.from({ length: 64 }, (_, number) => number)
    .filter((number) => ((bits >> BigInt(number)) & 1n) === 1n)
    .map((number) => capabilityName(number) ?? `CAP_${number}`);
}

/** Names a signal by its number, or `undefined` if it has none (real-time signals have none). */
export function signalName(number: number): string | undefined {
  return number > 0 ? signals[number - 1] : undefined;
}

/** Names the request of ptrace() in `a0` (hex digits), or `undefined` if it is not known. */
export function ptraceRequest(a0: string): string | undefined {
  const name = ptraceRequests.get(parseHex(a0));
  return name && `PTRACE_${name}`;
}

/** Names the action in SECCOMP's `code` (hex digits), or `undefined` if it is not known. */
export function seccompAction(code: string): string | undefined {
  const number = parseHex(code);
  return Number.isNaN(number) ? undefined : seccompActions.get((number & 0xffff_0000) >>> 0);
}

/** Reads up to 32 bits of hex digits; NaN if they are none. */
function parseHex(digits: string): number {
  return /^(?:0x)?[\da-f]{1,8}$/i.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
}

function numbered(first: number, names: string): readonly (readonly [number, string])[] {
  return names.split(" ").map((name, index) => [first + index, name]);
}
