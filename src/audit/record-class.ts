import { recordTypeNumber } from "./tables/record-types.ts";

/** Whether a record ends its event: `no`, `at-once`, or unless kernel records of its stamp follow. */
export type Ending = "no" | "at-once" | "after-grace";

const endings = new Map<string, Ending>();

/**
 * Tells whether a record of this type is an event by itself.
 *
 * Source: audit-userspace, `audit_is_last_record`; but service managers' records were seen to share
 * their stamp with the SYSCALL that sent them, so those wait.
 */
export function endsAlone(typeName: string): Ending {
  const known = endings.get(typeName);
  if (known !== undefined) return known;
  const ending = endingOf(recordTypeNumber(typeName));
  if (endings.size < 1_024) endings.set(typeName, ending);
  return ending;
}

function endingOf(type: number | undefined): Ending {
  if (type === undefined) return "no";
  if (type >= 1_200 && type <= 1_299) return "at-once";
  const isAlone =
    type === 1_005 ||
    (type >= 1_007 && type <= 1_199) ||
    type === 2_000 ||
    type >= 2_100 ||
    (type >= 1_406 && type <= 1_419);
  return isAlone ? "after-grace" : "no";
}

/** auditd's own records: its own clock and serial numbers. */
export function isDaemonType(typeName: string): boolean {
  return typeName.startsWith("DAEMON_");
}

/** Records that a program sent, with its fields inside `msg='…'`. */
export function isUserType(typeName: string): boolean {
  const type = recordTypeNumber(typeName) ?? 0;
  return (type >= 1_005 && type <= 1_199 && type !== 1_006) || (type >= 2_100 && type <= 2_999);
}
