import type { AuditKey, CallRule } from "./audit-rules.ts";

const namespaceCalls =
  "unshare setns pivot_root mount umount umount2 move_mount fsmount open_by_handle_at";

/** Keys of the base tier for what programs ask of the kernel. */
export const baseCallKeys: readonly AuditKey[] = [
  {
    key: "lg_priv_exec",
    tier: "base",
    purpose: "A program run with root's rights by another account: sudo, su, set-user-ID",
    techniques: ["T1548.001", "T1548.003"],
    rules: [calls("execve execveat", "-C uid!=euid -F euid=0")],
  },
  {
    key: "lg_exec",
    tier: "base",
    purpose: "Every program run, with its arguments",
    techniques: ["T1059", "T1059.004", "T1059.006", "T1204.002"],
    rules: [calls("execve execveat")],
  },
  {
    key: "lg_module",
    tier: "base",
    purpose: "Kernel modules loaded and removed",
    techniques: ["T1547.006", "T1014"],
    rules: [calls("init_module finit_module delete_module")],
  },
  {
    key: "lg_kexec",
    tier: "base",
    purpose: "Another kernel made ready to run",
    techniques: ["T1014", "T1542"],
    rules: [calls("kexec_load kexec_file_load")],
  },
  {
    key: "lg_bpf",
    tier: "base",
    purpose: "Programs loaded into the kernel through bpf(2)",
    techniques: ["T1014", "T1205.002"],
    rules: [calls("bpf", "-F a0=5")],
  },
  {
    key: "lg_inject",
    tier: "base",
    purpose:
      "A process attached to another or written to its memory: ATTACH, SEIZE, POKETEXT, POKEDATA, POKEUSER",
    techniques: ["T1055.008", "T1055.009"],
    rules: [
      calls("ptrace", "-F a0>=4 -F a0<=6"),
      calls("ptrace", "-F a0=0x10"),
      calls("ptrace", "-F a0=0x4206"),
      calls("process_vm_writev"),
    ],
  },
  {
    key: "lg_memfd",
    tier: "base",
    purpose: "Files in memory, from which programs run without a trace on disk",
    techniques: ["T1620"],
    rules: [calls("memfd_create")],
  },
  {
    key: "lg_personality",
    tier: "base",
    purpose: "Address space randomisation turned off for a program",
    techniques: ["T1068"],
    rules: [calls("personality", "-F a0=0x40000")],
  },
  {
    key: "lg_raw_socket",
    tier: "base",
    purpose: "Sockets that see or forge packets: packet sockets, raw IPv4 and IPv6",
    techniques: ["T1040", "T1095", "T1205.002"],
    rules: [
      calls("socket", "-F a0=17"),
      // Of the types only SOCK_RAW has both bits; netlink, which all use, names it too.
      calls("socket", "-F a1&=3 -F a0!=16"),
    ],
  },
  {
    key: "lg_crypto_socket",
    tier: "base",
    purpose: "Sockets of the kernel's cryptography (AF_ALG), which exploits use",
    techniques: ["T1068"],
    rules: [calls("socket", "-F a0=38")],
  },
  {
    key: "lg_ns",
    tier: "base",
    purpose:
      "Namespaces and mounts made or entered in a login session or by an account other than root",
    techniques: ["T1611", "T1068"],
    rules: [
      calls(namespaceCalls, "-F auid!=unset"),
      calls(namespaceCalls, "-F auid=unset -F uid!=0"),
      // Any of the flags CLONE_NEW*; those of clone3(2) cannot be seen.
      calls("clone", "-F a0&0x7E020000 -F uid!=0"),
    ],
  },
  {
    key: "lg_time",
    tier: "base",
    purpose: "The clock set",
    techniques: ["T1070.006"],
    rules: [calls("clock_settime clock_settime64 settimeofday stime")],
  },
  {
    key: "lg_suid",
    tier: "base",
    purpose: "Programs given the rights of their owner or group: set-user-ID, set-group-ID",
    techniques: ["T1548.001"],
    rules: [calls("chmod fchmod", "-F a1&06000"), calls("fchmodat fchmodat2", "-F a2&06000")],
  },
  {
    key: "lg_mknod",
    tier: "base",
    purpose: "Device files made",
    techniques: ["T1006", "T1611"],
    // The bit that block and character devices have; pipes, sockets and files have it not.
    rules: [calls("mknod", "-F a1&0x2000"), calls("mknodat", "-F a2&0x2000")],
  },
  {
    key: "lg_dmesg",
    tier: "base",
    purpose: "The kernel's log cleared or kept from the console",
    techniques: ["T1070.002"],
    rules: [calls("syslog", "-F a0>=4 -F a0<=6")],
  },
  {
    key: "lg_io_uring",
    tier: "base",
    purpose: "Programs set up to do file and network work past system calls (io_uring)",
    techniques: ["T1106"],
    rules: [calls("io_uring_setup")],
  },
];

function calls(names: string, filters?: string): CallRule {
  return { kind: "calls", calls: names, ...(filters === undefined ? {} : { filters }) };
}
