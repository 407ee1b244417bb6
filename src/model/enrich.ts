/**
 * What one event says of the process behind it. Nothing of it is kept, so one object may serve all
 * events.
 */
export interface ProcessSighting {
  readonly pid: number;
  /** -1 if the event does not say. */
  readonly ppid: number;
  /** Whether the event is an execve(2) or execveat(2) that succeeded. */
  readonly isExec: boolean;
  /** The event's stamp; the serial tells the order within a millisecond. */
  readonly timeMs: number;
  readonly serial: number;
  readonly eventId: string;
  /**
   * Holds the JSON members that describe the process, with or without a comma before the first:
   * from `descriptionStart` its `executable`, if known, then its `name`; from `argumentsStart` its
   * arguments in any number of members, none if the two last offsets are the same.
   */
  readonly bytes: Uint8Array;
  readonly descriptionStart: number;
  readonly argumentsStart: number;
  readonly descriptionEnd: number;
}

/** A program as a process runs it: from one exec to the next, or from fork to exec. */
export interface ProcessImage {
  readonly pid: number;
  /** The same for every event of this image; made from the id of the event that began it. */
  readonly entityId: string;
  /**
   * JSON members for `process.parent`: `pid`, `entity_id` and what is known of the description. A
   * character for each byte, at most `longestFragment`.
   */
  readonly fragment: string;
}

/** What is known of a process besides what its event says. Valid until the next `observe`. */
export interface ProcessContext extends ProcessImage {
  /** The image that ran as the parent when this one began; its pid is the event's ppid. */
  readonly parent: ProcessImage | undefined;
  /** What the same process ran before its last exec. With it, it was itself that began this image. */
  readonly previous: ProcessImage | undefined;
  readonly containerId: string | undefined;
  /** The innermost systemd service it runs in, such as `ssh.service`. */
  readonly unit: string | undefined;
  /** It runs in a container or a user namespace of its own: names of this host's users do not apply. */
  readonly isContained: boolean;
}

/** The most bytes of a `fragment`. */
export const longestFragment = 4_096;

/** Knows what the log does not say. It is asked once an event, so its answers come at once. */
export interface Enricher {
  /** Whether what a record says is of this host: `node=` as logged, empty for none. */
  isOwn(node: string): boolean;
  /** Takes a process of this host into the table of processes and tells what is known of it. */
  observe(sighting: ProcessSighting): ProcessContext;
  /** Of this host's users and groups; `undefined` where the log is not this host's. */
  readonly names: AccountNames | undefined;
}

/** Knows the names of one host's users and groups. */
export interface AccountNames {
  /** `undefined` if it has no name, or if the name is not known yet. */
  userName(uid: number): string | undefined;
  groupName(gid: number): string | undefined;
  /**
   * Accounts have changed: what was known is asked for again. Due before an ADD_USER or ADD_GROUP
   * record is interpreted and after a USER_MGMT, GRP_MGMT, DEL_USER or DEL_GROUP.
   */
  invalidate(): void;
}
