import type { FailureCode } from "#base/failure.ts";
import type { CanaryStatus } from "./canary.ts";
import type { ConsoleStatus } from "./console.ts";
import type { Ledger } from "./ledger.ts";
import type { Severity } from "./severity.ts";

/** Name of the file in the runtime directory that an agent writes its status to. */
export const statusFileName = "status.json";

/** A status older than this is of an agent that hangs or is gone; a living one writes every 5 s. */
export const staleStatusMs = 10_000;

/** Why a running agent is not at its best, in words stable enough to alert on. */
export type HealthReason =
  /** The audit log cannot be read. */
  | "audit_access_lost"
  /** The spool cannot be opened: the agent waits for it and reads nothing meanwhile. */
  | "spool_unopened"
  /** The spool takes no batches. */
  | "spool_refused"
  /** There are more bytes of log to read than one file of auditd holds by default. */
  | "lagging"
  /** No bytes came for a long time; an audited host is rarely that quiet. */
  | "silent"
  /** Twice in a row an act that the audit rules must see did not come back. */
  | "canary_missed"
  /** The console cannot be reached, or takes nothing. */
  | "console_cut_off"
  /** The console does not let this agent in, or is not to be trusted. */
  | "console_refused";

/** What keeps an agent from its work, and what an operator can do about it. */
export interface Problem {
  readonly code: FailureCode;
  /** What cannot be done, where, and why. */
  readonly message: string;
  readonly hint: string;
}

interface StatusHead {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** Empty if all is well. */
  readonly health: readonly HealthReason[];
}

/** What an agent tells of itself while it waits for a spool, which holds all that it knew before. */
export interface WaitingStatus extends StatusHead {
  readonly problem: Problem;
  readonly spool: {
    readonly directory: string;
    readonly state: "unopened";
    readonly maxBytes: number;
  };
}

/** What an agent tells of itself, every few seconds. */
export interface AgentStatus extends StatusHead {
  /** Why the spool takes no batches; absent if it does. */
  readonly problem?: Problem | undefined;
  readonly source: {
    readonly path: string;
    readonly access: "readable" | "lost";
    readonly bytesBehind: number;
    /** When the last bytes came. */
    readonly lastReadAt: string | undefined;
  };
  readonly spool: {
    readonly directory: string;
    readonly state: "writable" | "refused";
    readonly sizeBytes: number;
    readonly maxBytes: number;
    readonly sequence: number;
    readonly documents: number;
    /** Events below this severity are shed now; absent while all are taken. */
    readonly shedsBelow?: Severity;
  };
  readonly canary: CanaryStatus;
  readonly console: ConsoleStatus;
  /** Events delivered over events that should have been, 0 to 1; absent where there were none. */
  readonly visibility: { readonly hour?: number; readonly ever?: number };
  readonly ledger: Ledger;
  /** Secrets that this process replaced; absent if that is switched off. */
  readonly redactedSecrets?: number | undefined;
}
