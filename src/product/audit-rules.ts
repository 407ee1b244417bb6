import { baseCallKeys } from "./audit-rules-calls.ts";
import { complianceKeys } from "./audit-rules-compliance.ts";
import { forkKeys, networkKeys } from "./audit-rules-network.ts";
import { baseWatchKeys } from "./audit-rules-watches.ts";
import { identity } from "./identity.ts";

/** A set of rules that an administrator turns on or off as a whole: one file `TIER.rules`. */
export type AuditTier = "base" | "network" | "compliance" | "forks";

/** What decides which directories a host surely has. */
export type Family = "debian" | "redhat" | "alpine";

/** A machine that there are rule files for. */
export type Machine = "x86_64" | "aarch64";

/** Records system calls by what they are given, for programs of 64 and of 32 bits. */
export interface CallRule {
  readonly kind: "calls";
  /** Names with spaces between. What an architecture does not have is left out of its rule. */
  readonly calls: string;
  /** As auditctl(8) reads them: `-F a0=4`. */
  readonly filters?: string;
}

/** Records what is done to a file, which need not exist, or to a directory. */
export interface WatchRule {
  readonly kind: "watch";
  /** Its parent directory is on every host of these families. */
  readonly path: string;
  readonly perm: "wa" | "r";
  readonly filters?: string;
  /**
   * It is a directory that every host of these families has: all below it is watched. On others
   * it may be missing, so only its entries are: what is made, replaced, renamed and removed there.
   */
  readonly treeOn?: readonly Family[];
  /** Without it, on all. */
  readonly families?: readonly Family[];
  /** Without it, on all. */
  readonly machine?: Machine;
}

/** Calls that no rule of the tier records. */
export interface AuditExclude {
  readonly tier: AuditTier;
  readonly calls: string;
  readonly filters: string;
  readonly families?: readonly Family[];
  readonly reason: string;
}

/** What one key in the log stands for, and the rules that give it. */
export interface AuditKey {
  readonly key: `lg_${string}`;
  readonly tier: AuditTier;
  readonly purpose: string;
  /** Of MITRE ATT&CK, the newest names: T1685 is what T1562.001 was. */
  readonly techniques: readonly `T1${string}`[];
  readonly rules: readonly (CallRule | WatchRule)[];
}

/** The tiers, in the order in which their files are loaded: the first rule that fits gives the key. */
export const auditTiers = [
  {
    name: "base",
    isDefault: true,
    purpose: "Programs that are run, and what attackers do to gain rights, to stay and to hide",
  },
  { name: "network", isDefault: false, purpose: "Connections that are made and ports opened" },
  {
    name: "compliance",
    isDefault: false,
    purpose:
      "What PCI DSS and the STIG ask for beyond the rest: files removed, rights changed, access denied",
  },
  {
    name: "forks",
    isDefault: false,
    purpose: "Processes that are made without a program being run",
  },
] as const satisfies readonly {
  readonly name: AuditTier;
  readonly isDefault: boolean;
  readonly purpose: string;
}[];

/** Every key of every tier, in the order of the rules. */
export const auditKeys: readonly AuditKey[] = [
  ...baseCallKeys,
  ...baseWatchKeys,
  ...networkKeys,
  ...complianceKeys,
  ...forkKeys,
];

const agent = `-F exe=/usr/bin/${identity.agent}`;
const agents = [agent, `-F exe=/usr/bin/${identity.jitlessAgent}`];
const tuning = "adjtimex clock_adjtime clock_adjtime64";

/**
 * What is never recorded. Of the base tier that is one call only: the agent does nothing else of it
 * in its daily work, so what its program does there is worth a look.
 */
export const auditExcludes: readonly AuditExclude[] = [
  {
    tier: "base",
    calls: "io_uring_setup",
    filters: agent,
    reason: "Node asks for it at each start; the service refuses it",
  },
  ...agents.map((filters) => ({
    tier: "network" as const,
    calls: "connect bind socketcall",
    filters,
    reason: "sending an event must not make the next one",
  })),
  {
    tier: "compliance",
    calls: tuning,
    filters: "-F exe=/usr/sbin/chronyd",
    reason: "keeps the clock right, several times a minute",
  },
  {
    tier: "compliance",
    calls: tuning,
    filters: "-F exe=/usr/lib/systemd/systemd-timesyncd",
    families: ["debian", "redhat"],
    reason: "keeps the clock right",
  },
  ...agents.map((filters) => ({
    tier: "forks" as const,
    calls: "fork vfork clone",
    filters,
    reason: "what the agent starts is recorded when it runs a program",
  })),
  {
    tier: "forks",
    calls: "clone",
    filters: "-F a0&0x10000",
    reason: "a thread (CLONE_THREAD) is no process",
  },
];
