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
