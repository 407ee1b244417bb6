import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants } from "node:os";
import { test } from "node:test";
import { architectureOf } from "#audit/tables/arch.ts";
import { capabilityName } from "#audit/tables/capabilities.ts";
import { errnoName } from "#audit/tables/errno.ts";
import { recordTypeName, recordTypeNumber } from "#audit/tables/record-types.ts";
import { socketFamilyName } from "#audit/tables/socket-families.ts";
import { syscallName, syscallNumber } from "#audit/tables/syscalls.ts";

const kernelNames = ["x86_64", "i386", "aarch64", "arm", "riscv64", "ppc64le", "s390x"];
/** Architectures that Debian's ausyscall(8) knows all calls of; for riscv64 it answers for the host. */
const ausyscallNames = ["x86_64", "i386", "aarch64", "arm", "ppc64le", "s390x"];

/** Where ausyscall(8) has another name than the kernel, by the kernel's. */
const namedOtherwise: Readonly<Record<string, string>> = {
  pread64: "pread",
  pwrite64: "pwrite",
  _llseek: "llseek",
  _newselect: "newselect",
  _sysctl: "sysctl",
  arm_fadvise64_64: "fadvise64_64",
  sync_file_range2: "sync_file_range",
  kexec_load: "sys_kexec_load",
  sched_rr_get_interval_time64: "sched_rr_get_interval64",
  fstat: "newfstat",
  getdents64: "getdents",
  newfstatat: "fstatat64",
  timerfd_create: "timerfd",
  perf_event_open: "perf_counter_open",
};

for (const architecture of ausyscallNames) {
  test(`syscallName() agrees with ausyscall on ${architecture}`, () => {
    const dump = execFileSync("/usr/bin/ausyscall", [architecture, "--dump"], { encoding: "utf8" });

    const rows = [...dump.matchAll(/^(\d+)\t(\S+)$/gm)];
    const compared = rows
      .map(([, number, theirs]) => ({ theirs, ours: syscallName(architecture, Number(number)) }))
      .filter(({ ours }) => ours !== undefined);
    const others = compared.filter(
      ({ theirs, ours = "" }) => ours !== theirs && namedOtherwise[ours] !== theirs,
    );

    assert.deepEqual(others, []);
    assert.ok(compared.length > 300, `${compared.length} compared`);
  });
}

test("syscallName() names every call that ausyscall has for the usual architectures", () => {
  for (const architecture of ["x86_64", "i386", "aarch64"]) {
    const dump = execFileSync("/usr/bin/ausyscall", [architecture, "--dump"], { encoding: "utf8" });

    const unnamed = [...dump.matchAll(/^(\d+)\t(\S+)$/gm)].filter(
      ([, number]) => syscallName(architecture, Number(number)) === undefined,
    );

    assert.deepEqual(unnamed, []);
  }
});

test("syscallName() names calls newer than the headers alike on all architectures", () => {
  for (const architecture of kernelNames) {
    assert.equal(syscallName(architecture, 424), "pidfd_send_signal");
    assert.equal(syscallName(architecture, 452), "fchmodat2");
    assert.equal(syscallName(architecture, 471), "rseq_slice_yield");
    assert.equal(syscallName(architecture, 472), undefined);
  }
});

test("syscallName() knows execve on each architecture", () => {
  const numbers = {
    x86_64: 59,
    i386: 11,
    aarch64: 221,
    arm: 11,
    riscv64: 221,
    ppc64le: 11,
    s390x: 11,
  };

  for (const [architecture, number] of Object.entries(numbers)) {
    assert.equal(syscallName(architecture, number), "execve");
  }
});

test("syscallName() reads a number of x32", () => {
  assert.equal(syscallName("x86_64", 0x4000_0000 + 2), "open");
  assert.equal(syscallName("x86_64", 0x4000_0000 + 520), "execve");
  assert.equal(syscallName("x86_64", 520), undefined);
});

test("syscallName() has no name for what no table holds", () => {
  assert.equal(syscallName("vax", 1), undefined);
  assert.equal(syscallName("x86_64", -1), undefined);
  assert.equal(syscallName("constructor", 1), undefined);
});

test("syscallNumber() is the way back from syscallName()", () => {
  for (const architecture of kernelNames) {
    for (let number = 0; number < 500; number++) {
      const name = syscallName(architecture, number);
      if (name !== undefined) assert.equal(syscallNumber(architecture, name), number);
    }
  }
  assert.equal(syscallNumber("aarch64", "open"), undefined);
});

test("recordTypeName() agrees with libaudit on every type that libaudit names", () => {
  const script = `
import ctypes
name_of = ctypes.CDLL("libaudit.so.1").audit_msg_type_to_name
name_of.restype = ctypes.c_char_p
for number in range(1000, 3000):
    name = name_of(number)
    if name: print(number, name.decode())
`;
  const dump = execFileSync("/usr/bin/python3", ["-c", script], { encoding: "utf8" });

  const rows = [...dump.matchAll(/^(\d+) (\S+)$/gm)];
  const others = rows.filter(([, number, name]) => recordTypeName(Number(number)) !== name);

  assert.deepEqual(others, []);
  assert.ok(rows.length >= 195, `${rows.length} compared`);
});

test("recordTypeNumber() is the way back from recordTypeName()", () => {
  let named = 0;
  for (let number = 1_000; number < 3_000; number++) {
    const name = recordTypeName(number);
    assert.equal(recordTypeNumber(name), number);
    if (!name.startsWith("UNKNOWN[")) named++;
  }
  assert.ok(named >= 217, `${named} named`);
});

test("recordTypeNumber() reads a type that auditd had no name for", () => {
  assert.equal(recordTypeNumber("UNKNOWN[1334]"), recordTypeNumber("BPF"));
  assert.equal(recordTypeNumber("1400"), recordTypeNumber("AVC"));
  assert.equal(recordTypeNumber("UNKNOWN[1420]"), 1_420);
  assert.equal(recordTypeName(1_420), "UNKNOWN[1420]");
});

test("recordTypeNumber() has no number for other text", () => {
  for (const text of [
    "",
    "syscall",
    "UNKNOWN[]",
    "UNKNOWN[12",
    "UNKNOWN[-1]",
    "1e3",
    "12345678901",
  ]) {
    assert.equal(recordTypeNumber(text), undefined);
  }
});

test("errnoName() has all errors of the kernel and agrees with Node", () => {
  const named = Array.from({ length: 200 }, (_, number) => errnoName(number)).filter(Boolean);
  const aliases = new Set(["EWOULDBLOCK", "ENOTSUP"]);

  assert.equal(named.length, 131);
  for (const [name, number] of Object.entries(constants.errno)) {
    if (!aliases.has(name)) assert.equal(errnoName(number), name);
  }
});

test("socketFamilyName() names families as auparse does", () => {
  assert.equal(socketFamilyName(1), "local");
  assert.equal(socketFamilyName(10), "inet6");
  assert.equal(socketFamilyName(16), "netlink");
  assert.equal(socketFamilyName(40), "vsock");
  assert.equal(socketFamilyName(45), "mctp");
  assert.equal(socketFamilyName(46), undefined);
});

test("capabilityName() names all capabilities", () => {
  assert.equal(capabilityName(0), "CAP_CHOWN");
  assert.equal(capabilityName(21), "CAP_SYS_ADMIN");
  assert.equal(capabilityName(40), "CAP_CHECKPOINT_RESTORE");
  assert.equal(capabilityName(41), undefined);
});

test("architectureOf() tells name, word and byte order", () => {
  const rows = [
    [0xc000_003e, "x86_64", 64, true],
    [0x4000_0003, "i386", 32, true],
    [0xc000_00b7, "aarch64", 64, true],
    [0x4000_0028, "arm", 32, true],
    [0xc000_00f3, "riscv64", 64, true],
    [0xc000_0015, "ppc64le", 64, true],
    [0x8000_0015, "ppc64", 64, false],
    [0x8000_0016, "s390x", 64, false],
    [0x16, "s390", 32, false],
  ] as const;

  for (const [value, name, bits, littleEndian] of rows) {
    assert.deepEqual(architectureOf(value), { name, bits, littleEndian });
  }
  assert.equal(architectureOf(0xdead_beef), undefined);
});
