import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Where Debian keeps the kernel's headers of one architecture, and what its compiler predefines. */
export interface Headers {
  /** Debian's name of the architecture. */
  readonly debian: string;
  readonly triplet: string;
  readonly defines: readonly string[];
}

/** The architectures whose system calls are named, by audit's name for them. */
export const headersOf = {
  x86_64: {
    debian: "amd64",
    triplet: "x86_64-linux-gnu",
    defines: ["__x86_64__", "__LP64__"],
  },
  i386: { debian: "i386", triplet: "i686-linux-gnu", defines: ["__i386__"] },
  aarch64: {
    debian: "arm64",
    triplet: "aarch64-linux-gnu",
    defines: ["__aarch64__", "__SIZEOF_POINTER__=8"],
  },
  arm: { debian: "armhf", triplet: "arm-linux-gnueabihf", defines: ["__ARM_EABI__"] },
  riscv64: {
    debian: "riscv64",
    triplet: "riscv64-linux-gnu",
    defines: ["__riscv_xlen=64", "__SIZEOF_POINTER__=8"],
  },
  ppc64le: {
    debian: "ppc64el",
    triplet: "powerpc64le-linux-gnu",
    defines: ["__powerpc64__"],
  },
  s390x: { debian: "s390x", triplet: "s390x-linux-gnu", defines: ["__s390x__"] },
} as const satisfies Readonly<Record<string, Headers>>;

/**
 * Every macro that a header and what it includes define, with its text. Without an architecture it
 * is a header of user space, read as for this host.
 */
export function readMacros(header: string, of?: Headers): ReadonlyMap<string, string> {
  const { error, status, stdout, stderr } = spawnSync(
    "/usr/bin/cpp",
    ["-dM", "-P", ...(of === undefined ? [] : optionsOf(of)), "-"],
    { encoding: "utf8", input: `#include <${header}>\n` },
  );
  if (error !== undefined || status !== 0) {
    throw new Error(`Cannot read header ${header}: ${stderr ?? ""}\n${remedy}`, { cause: error });
  }
  return new Map([...stdout.matchAll(DEFINE)].map(([, name = "", text = ""]) => [name, text]));
}

function optionsOf(headers: Headers): readonly string[] {
  const folders = foldersOf(headers).flatMap((folder) => ["-isystem", folder]);
  return ["-undef", "-nostdinc", ...folders, ...headers.defines.map((define) => `-D${define}`)];
}

const DEFINE = /^#define (\w+) +(.*)$/gm;

/** Debian's own headers of an architecture lie apart from those for cross-compiling. */
function foldersOf({ triplet }: Headers): readonly string[] {
  const own = `/usr/include/${triplet}`;
  const folders = [`/usr/${triplet}/include`, own].filter((folder) => existsSync(`${folder}/asm`));
  if (folders.length === 0) {
    throw new Error(`Cannot find the kernel's headers for ${triplet}\n${remedy}`);
  }
  return [...folders, "/usr/include"];
}

const packages = Object.values(headersOf)
  .filter(({ debian }) => debian !== "amd64")
  .map(({ debian }) => `linux-libc-dev-${debian}-cross`);
const remedy = `Run as root: apt-get install cpp libaudit-dev libc6-dev linux-libc-dev ${packages.join(" ")}`;

/** The number that a macro's text stands for: sums and unions of numbers and other macros. */
export function evaluate(text: string, macros: ReadonlyMap<string, string>): number | undefined {
  const terms = text.replaceAll(/[()]/g, " ").split(/[+|]/);
  const values = terms.map((term) => evaluateTerm(term.trim(), macros));
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}

function evaluateTerm(term: string, macros: ReadonlyMap<string, string>): number | undefined {
  if (/^(?:0x[0-9a-f]+|\d+)$/i.test(term)) return Number(term);
  const text = macros.get(term);
  return text === undefined ? undefined : evaluate(text, macros);
}

/** The numbers of all macros whose name begins so, by the rest of the name. */
export function numbersOf(
  macros: ReadonlyMap<string, string>,
  prefix: string,
): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, text] of macros) {
    if (!name.startsWith(prefix)) continue;
    const number = evaluate(text, macros);
    if (number !== undefined) numbers.set(name.slice(prefix.length), number);
  }
  return numbers;
}
