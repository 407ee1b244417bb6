import type { AgentStatus, WaitingStatus } from "#model/status.ts";
import type { Fact } from "./fact.ts";
import type { AccessFact, Account, Group, Process } from "./facts.ts";

/** What `auditctl -s` tells. */
export interface KernelStatus {
  /** 0: off, 1: on, 2: on, and rules are locked until the next boot. */
  readonly enabled: number;
  /** Of auditd; 0 if none takes the records. */
  readonly pid: number;
  readonly backlogLimit: number;
  readonly backlog: number;
  /** Records that the kernel dropped since it was booted or the number was reset. */
  readonly lost: number;
}

interface KernelFacts {
  /** What shows that this is a container; `undefined` if it is none. */
  readonly container: string | undefined;
  readonly commandLine: Fact<string>;
  /** `undefined` if the kernel does not answer. */
  readonly status: Fact<KernelStatus | undefined>;
  /** As `auditctl -l` writes them. */
  readonly rules: Fact<readonly string[]>;
  /** Rules that the next boot loads. */
  readonly rulesFiles: Fact<readonly RulesFile[]>;
}

/** A file of audit rules. */
interface RulesFile {
  readonly path: string;
  readonly text: string;
}

interface DaemonFacts {
  readonly isInstalled: Fact<boolean>;
  /** `undefined` if there is none. */
  readonly pid: Fact<number | undefined>;
  /** auditd.conf(5) by key; `undefined` if there is none. */
  readonly config: Fact<ReadonlyMap<string, string> | undefined>;
  /** Names of active plugins. */
  readonly plugins: Fact<readonly string[]>;
  /** What it told the system log last. */
  readonly said: Fact<string>;
}

interface LogFacts {
  /** Where auditd writes. */
  readonly path: string;
  /** The folders above the log's own. */
  readonly parents: Fact<readonly AccessFact[]>;
  readonly directory: Fact<AccessFact | undefined>;
  readonly current: Fact<AccessFact | undefined>;
  readonly rotated: Fact<readonly AccessFact[]>;
  /** The last records. */
  readonly tail: Fact<string>;
  readonly changedMs: Fact<number>;
  readonly space: Fact<Space>;
}

/** What statfs(2) tells of a file system. */
export interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

interface AccountFacts {
  readonly own: Fact<Account | undefined>;
  readonly groups: Fact<readonly Group[]>;
}

/** What the service manager tells of units: each by the properties that systemd has. */
export type Units = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** What the settings and the agent's own words tell; whoever may read them hands it in. */
export interface AgentInputs {
  /** The mistakes in the settings; `undefined` if there is none. */
  readonly settings: Fact<string | undefined>;
  /** The log that the agent reads. */
  readonly logFile: string;
  readonly spoolDirectory: string;
  /** Bytes that stay free on the spool's file system. */
  readonly freeFloorBytes: number;
  /** What the agent told last; `undefined` if there is nothing. */
  readonly status: Fact<AgentStatus | WaitingStatus | undefined>;
  /** Whether the agent that told it is there. */
  readonly running: "running" | "stale" | "stopped";
}

interface AgentFacts extends AgentInputs {
  readonly isInstalled: Fact<boolean>;
  readonly processes: Fact<readonly Process[]>;
  readonly spoolSpace: Fact<Space>;
}

/** All that bears on the way of an event, from the kernel to the console. */
export interface DoctorFacts {
  readonly isRoot: boolean;
  readonly nowMs: number;
  readonly kernel: KernelFacts;
  readonly daemon: DaemonFacts;
  readonly log: LogFacts;
  readonly accounts: AccountFacts;
  readonly manager: "systemd" | "openrc" | "none";
  /** What installs packages here. */
  readonly packages: "apt-get" | "dnf" | "apk";
  readonly units: Fact<Units>;
  readonly agent: AgentFacts;
}
