import type { AgentDirectory } from "#product/footprint.ts";
import type { Fact } from "./fact.ts";

/** A line of passwd(5). */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** A line of group(5). */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** What the host knows of accounts and groups. */
export interface AccountFacts {
  /** The account of the agent; `undefined` if there is none. */
  readonly own: Fact<Account | undefined>;
  readonly all: Fact<readonly Account[]>;
  readonly groups: Fact<readonly Group[]>;
  readonly password: Fact<"locked" | "empty" | "set">;
  /** The greatest uid that an account of the system has. */
  readonly greatestSystemUid: number;
  /** Accounts that root's own notes name as readers. */
  readonly readers: Fact<readonly string[]>;
  /** Lines that give the account rights or work: `FILE:LINE`; of how many files. */
  readonly mentions: Fact<{ readonly lines: readonly string[]; readonly files: number }>;
}

/** What lstat(2) tells of a path. */
export interface Entry {
  readonly path: string;
  readonly kind: "file" | "directory" | "link" | "other";
  readonly uid: number;
  readonly gid: number;
  /** Permissions with the bits of setuid, setgid and sticky. */
  readonly mode: number;
}

/** Entries as far as they were looked at. */
export interface Entries {
  readonly entries: readonly Entry[];
  readonly isWhole: boolean;
}

/** A directory of the agent's. */
export interface DirectoryFact {
  readonly directory: AgentDirectory;
  readonly itself: Fact<Entry | undefined>;
  /** What is below it. */
  readonly content: Fact<Entries>;
}

/** What the host's files tell. */
export interface FileFacts {
  readonly directories: readonly DirectoryFact[];
  /** What is at the paths of the package's files; those that are missing apart. */
  readonly installed: Fact<{
    readonly entries: readonly Entry[];
    readonly missing: readonly string[];
  }>;
  /** The folders on the way to all of it. */
  readonly parents: Fact<readonly Entry[]>;
  /** Files of the package with capabilities. */
  readonly capabilities: Fact<readonly string[]>;
  /** What the package manager finds changed. */
  readonly changed: Fact<readonly string[]>;
  /** What the account owns or may write to outside its directories. */
  readonly writable: Fact<readonly string[]>;
}

/** A process of the agent's account or program. */
export interface Process {
  readonly pid: number;
  /** Real, effective, saved and file system id. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  /** Sets of capabilities by name as /proc has them: CapInh, …; those that are not empty. */
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  /** 2: a filter is in force. */
  readonly seccomp: number;
  /** Its program is the agent's, or it was begun by such a process. */
  readonly isAgent: boolean;
  /** Names of its variables. */
  readonly environment: Fact<readonly string[]>;
  /** Addresses that it takes connections on. */
  readonly listening: Fact<readonly string[]>;
}

/** What the service manager tells. */
export type ServiceFacts =
  | { readonly manager: "systemd"; readonly properties: ReadonlyMap<string, string> }
  | OpenrcFacts;

/** What OpenRC tells. */
export interface OpenrcFacts {
  readonly manager: "openrc";
  readonly script: Entry | undefined;
  readonly isStarted: boolean;
  readonly isInRunlevel: boolean;
  /** How supervise-daemon was called for it; `undefined` if there is none. */
  readonly supervisor: Fact<readonly string[] | undefined>;
}

/** What the audit system tells. */
export interface AuditFacts {
  /** auditd.conf(5) by key; `undefined` if there is none. */
  readonly daemonConfig: Fact<
    { readonly entry: Entry; readonly values: ReadonlyMap<string, string> } | undefined
  >;
  readonly directory: Fact<AccessFact | undefined>;
  readonly log: Fact<AccessFact | undefined>;
  readonly rulesFile: Fact<{ readonly entry: Entry; readonly text: string } | undefined>;
  /** The text that the chosen tiers have; `undefined` if none is chosen. */
  readonly wantedRules: Fact<string | undefined>;
  /** Keys of the rules that the kernel has. */
  readonly loadedKeys: Fact<readonly string[]>;
}

/** A path with what its access control list gives to groups by name. */
export interface AccessFact {
  readonly entry: Entry;
  /** Rights such as `r-x` after the mask, by group; without a list there are none. */
  readonly groups: Fact<ReadonlyMap<string, string>>;
}

/** Where events are sent, or what is wrong with the settings. */
export type ConsoleFact = { readonly url: string } | { readonly problem: string };

/** All that is known of a host. */
export interface Facts {
  readonly accounts: AccountFacts;
  readonly files: FileFacts;
  /** Processes of the agent's account or program, this one and its own left out. */
  readonly processes: Fact<readonly Process[]>;
  readonly service: Fact<ServiceFacts>;
  readonly audit: AuditFacts;
  readonly console: Fact<ConsoleFact>;
}
