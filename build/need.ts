import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";

/** What a make target needs of the system: Debian's package, and a file (as a glob) that tells it is there. */
const needs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  check: { shellcheck: "/usr/bin/shellcheck" },
  build: { binutils: "/usr/bin/strip" },
  run: { acl: "/usr/bin/setfacl", auditd: "/usr/sbin/auditd" },
  generate: {
    cpp: "/usr/bin/cpp",
    "libaudit-dev": "/usr/include/libaudit.h",
    "libc6-dev": "/usr/include/errno.h",
    "linux-libc-dev": "/usr/include/linux/audit.h",
    "linux-libc-dev-amd64-cross": headersOf("x86_64-linux-gnu"),
    "linux-libc-dev-arm64-cross": headersOf("aarch64-linux-gnu"),
    "linux-libc-dev-armhf-cross": headersOf("arm-linux-gnueabihf"),
    "linux-libc-dev-i386-cross": headersOf("i686-linux-gnu"),
    "linux-libc-dev-ppc64el-cross": headersOf("powerpc64le-linux-gnu"),
    "linux-libc-dev-riscv64-cross": headersOf("riscv64-linux-gnu"),
    "linux-libc-dev-s390x-cross": headersOf("s390x-linux-gnu"),
  },
  test: {
    acl: "/usr/bin/setfacl",
    auditd: "/usr/sbin/auditd",
    faketime: "/usr/bin/faketime",
    "groff-base": "/usr/bin/groff",
    gzip: "/{usr/,}bin/gzip",
    libauparse0: "/usr/lib/*/libauparse.so.0",
    "man-db": "/usr/bin/man",
    mount: "/{usr/,}bin/mount",
    python3: "/usr/bin/python3",
    strace: "/usr/bin/strace",
    "util-linux": "/usr/bin/setpriv",
  },
  bench: { auditd: "/usr/sbin/auditd", laurel: "/usr/sbin/laurel" },
};

/** Where a machine has the kernel's headers of an architecture: for cross-compiling, or as its own. */
function headersOf(triplet: string): string {
  return `/usr/{${triplet}/include,include/${triplet}}/asm/unistd.h`;
}

/**
 * Sees to it that the system has what the targets need: `node build/need.ts TARGET…`. As root it
 * installs what is missing with apt; else it names the command and ends with 1.
 */
function main(targets: readonly string[]): void {
  const missing = findMissing(targets);
  if (missing.length === 0) return;
  const install = `apt-get install --yes --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0 || !isThere("/usr/bin/apt-get")) {
    process.stderr.write(`Missing: ${missing.join(", ")}. Run as root: ${install}\n`);
    process.exitCode = 1;
    return;
  }
  process.stderr.write(`Installing ${missing.join(", ")}\n`);
  const isInstalled = runQuietly("apt-get update") && runQuietly(install);
  const stillMissing = isInstalled ? findMissing(targets) : missing;
  if (stillMissing.length === 0) return;
  process.stderr.write(`Cannot install: ${stillMissing.join(", ")}\n`);
  process.exitCode = 1;
}

/** The packages that are missing, each once. */
function findMissing(targets: readonly string[]): readonly string[] {
  const rows = targets.flatMap((target) => Object.entries(needs[target] ?? unknown(target)));
  return [...new Set(rows.filter(([, path]) => !isThere(path)).map(([name]) => name))].toSorted();
}

function unknown(target: string): never {
  throw new Error(`Cannot look up what a target needs: current value is "${target}"`);
}

function isThere(path: string): boolean {
  return globSync(path).length > 0;
}

/** Runs apt without questions; what it says is shown only if it fails. */
function runQuietly(command: string): boolean {
  const [program = "", ...args] = command.split(" ");
  const { status, stdout, stderr } = spawnSync(program, args, {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    encoding: "utf8",
  });
  if (status !== 0) process.stderr.write(`${command}\n${stdout}${stderr}`);
  return status === 0;
}

main(process.argv.slice(2));
