import type { TemplateRow } from "#audit/core/constants.ts";
import {
  CLOSE,
  ELEMENT,
  IDENTITY,
  MODE,
  NAME,
  NONZERO,
  NUMBER,
  OPEN,
  OPEN_IF,
  TEXT,
  VERBATIM,
} from "#audit/core/template.ts";

/** What a SYSCALL record says of the process that made the call. */
export const processRows: readonly TemplateRow[] = [
  member(TEXT, "exe", "executable"),
  member(TEXT, "comm", "name"),
];

/** The ids the process runs under: effective, and the others where they differ. */
export const processIdRows: readonly TemplateRow[] = [
  ...identity("user", "euid"),
  ...identity("real_user", "uid", "euid"),
  ...identity("saved_user", "suid", "euid"),
  ...identity("group", "egid"),
  ...identity("real_group", "gid", "egid"),
  ...identity("saved_group", "sgid", "egid"),
];

/** The user behind a SYSCALL record. `user.audit` is the one that logged in. */
export const userRows: readonly TemplateRow[] = [
  { operation: OPEN, literal: '"user":{' },
  member(IDENTITY, "uid", "id"),
  member(NAME, "UID", "name"),
  ...identity("effective", "euid", "uid"),
  ...identity("audit", "auid"),
  { operation: CLOSE },
];

/** The users of an event, each name once. */
export const relatedUserRows: readonly TemplateRow[] = [
  { operation: ELEMENT, key: "UID" },
  { operation: ELEMENT, key: "EUID" },
  { operation: ELEMENT, key: "AUID" },
];

/** The users of an event that a program told of, without and with the one of the account's id. */
export const relatedSenderRows: readonly TemplateRow[] = [
  { operation: ELEMENT, key: "AUID" },
  { operation: ELEMENT, key: "UID" },
];
export const relatedAccountRows: readonly TemplateRow[] = [
  ...relatedSenderRows,
  { operation: ELEMENT, key: "ID" },
];

/** What `auditd.data` holds of a SYSCALL record besides the names of call and architecture. */
export const syscallRows: readonly TemplateRow[] = [
  member(VERBATIM, "a0"),
  member(VERBATIM, "a1"),
  member(VERBATIM, "a2"),
  member(VERBATIM, "a3"),
  member(VERBATIM, "exit"),
  member(VERBATIM, "success"),
  member(NONZERO, "per"),
  member(VERBATIM, "subj"),
  ...identity("fsuser", "fsuid", "euid"),
  ...identity("fsgroup", "fsgid", "egid"),
];

/** One PATH record, as an element of `auditd.paths`. */
export const pathRows: readonly TemplateRow[] = [
  member(NUMBER, "item"),
  member(TEXT, "name"),
  member(VERBATIM, "inode"),
  member(VERBATIM, "dev"),
  member(VERBATIM, "mode"),
  member(IDENTITY, "ouid"),
  member(NAME, "OUID", "owner"),
  member(IDENTITY, "ogid"),
  member(NAME, "OGID", "group"),
  member(VERBATIM, "nametype"),
  member(VERBATIM, "obj"),
  member(NONZERO, "cap_fp"),
  member(NONZERO, "cap_fi"),
  member(NONZERO, "cap_fe"),
  member(NONZERO, "cap_fver"),
];

/** The PATH record that is the object of the event, as ECS has it. */
export const fileRows: readonly TemplateRow[] = [
  member(VERBATIM, "inode"),
  member(VERBATIM, "dev", "device"),
  member(MODE, "mode"),
  member(IDENTITY, "ouid", "uid"),
  member(NAME, "OUID", "owner"),
  member(IDENTITY, "ogid", "gid"),
  member(NAME, "OGID", "group"),
];

export const workingDirectoryRows: readonly TemplateRow[] = [
  member(TEXT, "cwd", "working_directory"),
];
export const argumentCountRows: readonly TemplateRow[] = [member(NUMBER, "argc", "args_count")];
export const pidRows: readonly TemplateRow[] = [member(NUMBER, "pid")];
export const parentPidRows: readonly TemplateRow[] = [member(NUMBER, "ppid", "pid")];
export const sessionRows: readonly TemplateRow[] = [
  member(IDENTITY, "ses", "session"),
  member(VERBATIM, "tty"),
];

/** The user that logged in, as the one who acts. */
export const loginUserRows: readonly TemplateRow[] = [
  member(IDENTITY, "auid", "id"),
  member(NAME, "AUID", "name"),
];
/** The user that a program ran under, as the one who acts. */
export const senderRows: readonly TemplateRow[] = [
  member(IDENTITY, "uid", "id"),
  member(NAME, "UID", "name"),
];

/** The account that a program's message tells of. */
export const accountRows: readonly TemplateRow[] = [member(IDENTITY, "id")];
/** The name that auditd gives for its id. */
export const accountNameRows: readonly TemplateRow[] = [member(NAME, "ID", "name")];
/** The unit that systemd started or stopped. */
export const serviceRows: readonly TemplateRow[] = [
  { operation: OPEN, literal: '"service":{' },
  member(TEXT, "unit", "name"),
  { operation: CLOSE },
];

function member(operation: number, key: string, name = key): TemplateRow {
  return { operation, key, literal: `"${name}":` };
}

/** An object with the id of a field and the name that auditd's trailer gives for it. */
function identity(name: string, key: string, differsFrom?: string): TemplateRow[] {
  return [
    {
      operation: OPEN_IF,
      key,
      literal: `"${name}":{`,
      ...(differsFrom === undefined ? {} : { differsFrom }),
    },
    member(IDENTITY, key, "id"),
    member(NAME, key.toUpperCase(), "name"),
    { operation: CLOSE },
  ];
}
