import type { AuditKey } from "./audit-rules.ts";

/** Families of addresses: IPv4, IPv6. */
const internet = ["-F saddr_fam=2", "-F saddr_fam=10"];

/** Keys of the network tier. No rule asks for success: a connection that does not block begins with EINPROGRESS. */
export const networkKeys: readonly AuditKey[] = [
  {
    key: "lg_net",
    tier: "network",
    purpose: "Connections over IPv4 and IPv6, and whom datagrams are sent to by connect(2)",
    techniques: ["T1071", "T1095", "T1571", "T1046"],
    rules: internet.flatMap((family) => [
      { kind: "calls", calls: "connect", filters: family },
      { kind: "calls", calls: "socketcall", filters: `-F a0=3 ${family}` },
    ]),
  },
  {
    key: "lg_listen",
    tier: "network",
    purpose: "Local addresses and ports taken, as servers and back doors do",
    techniques: ["T1571", "T1090", "T1205"],
    rules: internet.flatMap((family) => [
      { kind: "calls", calls: "bind", filters: family },
      { kind: "calls", calls: "socketcall", filters: `-F a0=2 ${family}` },
    ]),
  },
];

/** Keys of the forks tier. Threads are left out where they can be told apart: of clone3(2) they cannot. */
export const forkKeys: readonly AuditKey[] = [
  {
    key: "lg_fork",
    tier: "forks",
    purpose: "Processes made, so that the tree has those too that never run a program",
    techniques: ["T1106", "T1499.001"],
    rules: [{ kind: "calls", calls: "fork vfork clone" }],
  },
];
