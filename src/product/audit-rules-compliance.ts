import type { AuditKey } from "./audit-rules.ts";

/** In the session of a person, also after sudo. */
const person = "-F auid>=1000 -F auid!=unset";

/** Keys of the compliance tier. */
export const complianceKeys: readonly AuditKey[] = [
  {
    key: "lg_access",
    tier: "compliance",
    purpose: "Files that a person was not let open or cut",
    techniques: ["T1083", "T1005"],
    rules: ["-EACCES", "-EPERM"].map((error) => ({
      kind: "calls",
      calls:
        "open creat openat openat2 open_by_handle_at truncate truncate64 ftruncate ftruncate64",
      filters: `-F exit=${error} ${person}`,
    })),
  },
  {
    key: "lg_delete",
    tier: "compliance",
    purpose: "Files that a person removed or renamed",
    techniques: ["T1070.004", "T1485"],
    rules: [
      {
        kind: "calls",
        calls: "unlink unlinkat rmdir rename renameat renameat2",
        filters: person,
      },
    ],
  },
  {
    key: "lg_perm",
    tier: "compliance",
    purpose: "Owners, modes and attributes of files that a person changed",
    techniques: ["T1222.002"],
    rules: [
      {
        kind: "calls",
        calls:
          "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat chown32 fchown32 lchown32 " +
          "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr",
        filters: person,
      },
    ],
  },
  {
    key: "lg_session",
    tier: "compliance",
    purpose: "The books of logins",
    techniques: ["T1070.002"],
    rules: [
      "/var/log/wtmp",
      "/var/log/btmp",
      "/var/log/lastlog",
      "/var/log/faillog",
      "/run/utmp",
    ].map((path) => ({ kind: "watch", path, perm: "wa" })),
  },
  {
    key: "lg_locale",
    tier: "compliance",
    purpose: "The host's name, its name server and what a login shows",
    techniques: ["T1565.001"],
    rules: [
      { kind: "calls", calls: "sethostname setdomainname" },
      ...["hostname", "hosts", "resolv.conf", "issue", "issue.net", "motd", "network"].map(
        (name) => ({ kind: "watch", path: `/etc/${name}`, perm: "wa" }) as const,
      ),
    ],
  },
  {
    key: "lg_clock",
    tier: "compliance",
    purpose: "The clock tuned, the time zone changed",
    techniques: ["T1070.006"],
    rules: [
      { kind: "calls", calls: "adjtimex clock_adjtime clock_adjtime64" },
      { kind: "watch", path: "/etc/localtime", perm: "wa" },
      { kind: "watch", path: "/etc/timezone", perm: "wa" },
    ],
  },
];
