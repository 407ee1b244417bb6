import { anomalyRows } from "./actions-anomalies.ts";
import { recordRows } from "./actions-records.ts";
import type { ActionObject, ActionRow } from "./actions-row.ts";
import { syscallRows } from "./actions-syscalls.ts";

/** What happened, in ECS's terms. */
export interface EcsAction {
  /** `event.category`. */
  readonly category: readonly string[];
  /** `event.type`; each is one that ECS expects for a category of the row. */
  readonly type: readonly string[];
  /** `event.action`, as a verb that the actor did: `opened-file`. */
  readonly action: string;
  readonly object?: ActionObject;
}

/** What a system call does, by its name; only names of calls are keys. */
export const syscallActions: Readonly<Record<string, EcsAction>> = tabulate(syscallRows);

/** What a record tells of, by the name of its type; only names of types are keys. */
export const recordActions: Readonly<Record<string, EcsAction>> = tabulate([
  ...recordRows,
  ...anomalyRows,
]);

/** Records that only say more of the call that they stand beside. */
const supporting = new Set(
  (
    "OBJ_PID IPC IPC_SET_PERM MQ_OPEN MQ_SENDRECV MQ_NOTIFY MQ_GETSETATTR FD_PAIR MMAP SOCKETCALL " +
    "KERN_MODULE CAPSET BPRM_FCAPS OPENAT2 AVC_PATH TIME_INJOFFSET TIME_ADJNTPVAL FANOTIFY " +
    "MAC_TASK_CONTEXTS MAC_OBJ_CONTEXTS LANDLOCK_DOMAIN KERNEL_OTHER"
  ).split(" "),
);

/**
 * Whether records of a type tell what happened better than the system call beside them, which only
 * carried it: a change of audit's configuration is more than the sendto() that asked for it.
 */
export function tellsAction(typeName: string): boolean {
  return recordActions[typeName] !== undefined && !supporting.has(typeName);
}

/**
 * What records of some types tell of, by the type and what their `op` says: `recordActions` cannot say
 * whether a program or package came or went.
 */
export const operationActions: Readonly<Record<string, EcsAction>> = tabulate([
  ["driver", "start", "loaded-bpf-program", "driver", "BPF=LOAD"],
  ["driver", "end", "unloaded-bpf-program", "driver", "BPF=UNLOAD"],
  ["package", "installation", "installed-software", "package", "SOFTWARE_UPDATE=install"],
  ["package", "deletion", "removed-software", "package", "SOFTWARE_UPDATE=remove"],
]);

/** Types of records that `operationActions` has. */
export const operationTypes: ReadonlySet<string> = new Set(["BPF", "SOFTWARE_UPDATE"]);

/**
 * What an AVC tells of, by who decided and what, in lower case: `selinux-denied`. It is more than
 * `recordActions` can say, for one type of records has them all.
 */
export const accessActions: Readonly<Record<string, EcsAction>> = tabulate([
  [
    "process intrusion_detection",
    "denied info",
    "violated-selinux-policy",
    "policy",
    "selinux-denied",
  ],
  [
    "process intrusion_detection",
    "allowed info",
    "granted-by-selinux-policy",
    "policy",
    "selinux-granted",
  ],
  [
    "process intrusion_detection",
    "denied info",
    "violated-apparmor-policy",
    "policy",
    "apparmor-denied apparmor-killed",
  ],
  [
    "process intrusion_detection",
    "allowed info",
    "violated-apparmor-policy",
    "policy",
    "apparmor-allowed",
  ],
  [
    "process",
    "info",
    "reported-apparmor-policy",
    "policy",
    "apparmor-audit apparmor-hint apparmor-error",
  ],
  ["configuration", "change", "changed-apparmor-policy", "policy", "apparmor-status"],
  ["configuration", "info", "reported-mac-policy", "policy", "notice"],
]);

/** A table that has no keys but its own, as names come from the log. */
function tabulate(rows: readonly ActionRow[]): Readonly<Record<string, EcsAction>> {
  const table = Object.create(null) as Record<string, EcsAction>;
  for (const [category, type, action, object, names] of rows) {
    const row = { category: category.split(" "), type: type.split(" "), action, object };
    for (const name of names.split(" ")) table[name] = row;
  }
  return table;
}
