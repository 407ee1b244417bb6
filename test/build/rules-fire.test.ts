import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, openSync, statSync, unlinkSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { syscallNumber } from "#audit/tables/syscalls.ts";
import { auditKeys } from "#product/audit-rules.ts";
import { type Auditd, startAuditd } from "#test/support/auditd.ts";
import { parseDocuments } from "#test/support/documents.ts";

const baseRules = resolve("rules.d/x86_64/base.rules");

/** One harmless call for each key: it fails, or its effect ends with its process. */
const calls: Readonly<Record<string, readonly [name: string, ...args: (number | string)[]]>> = {
  lg_module: ["delete_module", "linuxguard_no_such_module", 0],
  lg_kexec: ["kexec_load", 0, 0, 0, 0xdead],
  lg_bpf: ["bpf", 5, 0, 0],
  lg_inject: ["ptrace", 0x10, 0x7fff_fff0, 0, 0],
  lg_memfd: ["memfd_create", "linuxguard", 0xffff],
  lg_personality: ["personality", 0x40000],
  lg_raw_socket: ["socket", 2, 3, 255],
  lg_crypto_socket: ["socket", 38, 5, 0],
  lg_time: ["clock_settime", 0, 0],
  lg_suid: ["fchmodat", -100, "/proc/no-such-file", 0o4755],
  lg_mknod: ["mknod", "/proc/no-such-file", 0x2000, 0],
  lg_dmesg: ["syslog", 4, 0, -1],
  lg_io_uring: ["io_uring_setup", 0, 0],
};

test("Each key of the base tier is found in the events of what it stands for", async () => {
  await using auditd = await startAuditd({ maxLogFileMb: 64 });
  await auditd.auditctl("-R", baseRules);

  for (const [name, ...args] of Object.values(calls)) call(name, args);
  run("setpriv", ["--reuid=65534", "--clear-groups", "su", "--version"]);
  run("setpriv", ["--reuid=65534", "--clear-groups", "unshare", "--user", "true"]);
  run("sh", ["-c", "echo 65533 >/proc/self/loginuid && exec cat /etc/shadow"]);
  for (const path of watchedPaths()) touch(path);
  await auditd.settle();

  const seen = keysOf(auditd);
  const expected = auditKeys.filter(({ tier }) => tier === "base").map(({ key }) => key);
  assert.deepEqual(
    expected.filter((key) => !seen.has(key)),
    [],
  );
});

test("A rule for a path finds what is put there and, of a directory, what is replaced in it", async () => {
  await using auditd = await startAuditd({ maxLogFileMb: 64 });
  await auditd.auditctl("-R", baseRules);

  const paths = watchedPaths();
  for (const path of paths) touch(path);
  await auditd.settle();

  const seen = pathsOf(auditd);
  assert.deepEqual(
    paths.filter((path) => ![...seen].some((name) => name === path || name.startsWith(`${path}/`))),
    [],
  );
});

/** What the base tier watches for changes, and whose parent is here: all, or the rules would not load. */
function watchedPaths(): readonly string[] {
  return auditKeys
    .filter(({ tier }) => tier === "base")
    .flatMap(({ rules }) => rules)
    .flatMap((rule) =>
      rule.kind === "watch" &&
      rule.perm === "wa" &&
      rule.machine !== "aarch64" &&
      rule.families?.includes("debian") !== false
        ? [rule.path]
        : [],
    );
}

/** Opens a file for writing and leaves it as it is; makes and removes one where there is none. */
function touch(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true) {
    openForWriting(path);
    return;
  }
  const file = found === undefined ? path : `${path}/.linuxguard-test`;
  closeSync(openSync(file, "wx", 0o600));
  unlinkSync(file);
}

/** A program that runs cannot be opened for writing; that it was tried is recorded as well. */
function openForWriting(path: string): void {
  try {
    closeSync(openSync(path, "a"));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ETXTBSY")) throw error;
  }
}

function call(name: string, args: readonly (number | string)[]): void {
  const number = syscallNumber("x86_64", name);
  const words = args.map((value) => JSON.stringify(value)).join(", ");
  // Perl hands over text only if it may be written to.
  run("perl", ["-e", `my @words = (${words}); syscall(${number}, @words)`]);
}

function run(program: string, args: readonly string[]): void {
  const { error } = spawnSync(program, args, { stdio: "ignore" });
  if (error !== undefined) throw error;
}

interface Document {
  readonly auditd?: { readonly key?: readonly string[] };
  readonly file?: { readonly path?: string };
}

function documentsOf({ logFile }: Auditd): readonly Document[] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["src/main.ts", "replay", logFile],
    { encoding: "utf8", maxBuffer: 2 ** 28, env: {} },
  );
  assert.deepEqual([status, stderr], [0, ""]);
  return parseDocuments(stdout) as readonly Document[];
}

function keysOf(auditd: Auditd): ReadonlySet<string> {
  return new Set(documentsOf(auditd).flatMap(({ auditd: block }) => block?.key ?? []));
}

function pathsOf(auditd: Auditd): ReadonlySet<string> {
  return new Set(documentsOf(auditd).flatMap(({ file }) => file?.path ?? []));
}
