/**
 * What the value of a field is, and so how it is read:
 *
 * - `encoded`: text that is quoted, or upper-case hex if a byte of it could not stand in the line.
 * - `proctitle`: as `encoded`, a list parted by NUL.
 * - `hex-bytes`: bytes, always in hex.
 * - `key`: as `encoded`, a list parted by 0x01.
 * - `acct`: as `encoded`, but older programs log it bare, so it may be plain text that looks like hex.
 * - `uid`, `gid`: a decimal id; 4294967295 and -1 are unset.
 * - `session`: a decimal login session; 4294967295 and -1 are unset.
 * - `hex`, `octal`, `decimal`: a number; a prefix `0x` is possible in the first two.
 * - `device`: `major:minor` in hex.
 * - `plain`: text as it stands, never encoded.
 */
export type FieldKind =
  | "encoded"
  | "proctitle"
  | "hex-bytes"
  | "key"
  | "acct"
  | "uid"
  | "gid"
  | "hex"
  | "octal"
  | "decimal"
  | "device"
  | "session"
  | "plain";

/** Some keys and their kind. */
export interface FieldKindRow {
  readonly kind: FieldKind;
  /** Keys, parted by spaces; `*` is every key that has no row for the type. */
  readonly keys: string;
  /** Names of the record types the row is for, parted by spaces; without it, all. */
  readonly types?: string;
}

/**
 * The ids that auditd's trailer gives the names of, parted by spaces. In the trailer their keys are
 * upper-case and their values are of the kind `encoded`.
 *
 * Source: auditd's format_enrich, for every field that auparse's typetab.h has for a uid or gid.
 */
const trailerIds =
  "AUID UID GID EUID SUID FSUID EGID SGID FSGID OUID OGID OAUID OLD-AUID ID IUID IGID SAUID " +
  "INODE_UID INODE_GID NEW_GID OBJ_UID OBJ_GID";

/** Every key of auditd's trailer; each has its lower-case twin in the body. */
export const trailerKeys: ReadonlySet<string> = new Set(
  `ARCH SYSCALL SADDR ${trailerIds}`.split(" "),
);

/**
 * The kind of every key that is not `plain`. A row with `types` goes before one without.
 *
 * The arguments of EXECVE (`a12`, `a12[3]`, `a12_len`) are patterns, which {@link fieldKind} knows.
 *
 * Source: auparse's typetab.h and interpret.c; the kernel's auditsc.c and security/apparmor/.
 */
export const fieldKindRows: readonly FieldKindRow[] = [
  {
    kind: "encoded",
    keys:
      "path comm exe file name watch cwd cmd dir vm device cgroup ocomm grp new_group " +
      "invalid_context sw root_dir old-chardev new-chardev old-disk new-disk old-fs new-fs " +
      "old-net new-net old-rng new-rng apparmor operation denied_mask info profile requested_mask",
  },
  {
    kind: "encoded",
    keys: "target srcname fstype trans namespace peer",
    types:
      "AVC USER_AVC APPARMOR APPARMOR_AUDIT APPARMOR_ALLOWED APPARMOR_DENIED APPARMOR_HINT " +
      "APPARMOR_STATUS APPARMOR_ERROR APPARMOR_KILL",
  },
  { kind: "encoded", keys: "msg", types: "USER_TTY" },
  { kind: "encoded", keys: "*", types: "TRUSTED_APP" },
  { kind: "encoded", keys: trailerIds },
  { kind: "proctitle", keys: "proctitle" },
  { kind: "hex-bytes", keys: "saddr", types: "SOCKADDR" },
  { kind: "hex-bytes", keys: "data", types: "TTY USER_TTY" },
  { kind: "key", keys: "key" },
  { kind: "acct", keys: "acct" },
  {
    kind: "uid",
    keys:
      "auid uid euid suid fsuid ouid oauid old-auid iuid id inode_uid sauid obj_uid " +
      "cap_frootid frootid",
  },
  { kind: "gid", keys: "id", types: "ADD_GROUP GRP_MGMT DEL_GROUP" },
  { kind: "gid", keys: "gid egid sgid fsgid ogid igid inode_gid new_gid obj_gid" },
  { kind: "session", keys: "ses old-ses oses" },
  { kind: "hex", keys: "a0 a1 a2 a3", types: "SYSCALL" },
  { kind: "hex", keys: "a0 a1 a2 a3 a4 a5", types: "SOCKETCALL" },
  { kind: "hex", keys: "fp fi fe pp pi pe pa", types: "BPRM_FCAPS" },
  { kind: "hex", keys: "flags", types: "MMAP" },
  { kind: "hex", keys: "code ip", types: "SECCOMP" },
  { kind: "hex", keys: "fan_info", types: "FANOTIFY" },
  {
    kind: "hex",
    keys:
      "arch per cap_fp cap_fi cap_fe cap_fver cap_pi cap_pp cap_pe cap_pa fver old_pp old_pi " +
      "old_pe old_pa new_pp new_pi new_pe new_pa ioctlcmd qbytes resolve mq_flags",
  },
  { kind: "octal", keys: "mode oflag" },
  {
    kind: "decimal",
    keys:
      "pid ppid opid spid items item inode argc sig fd fd0 fd1 uring_op entries " +
      "compat prog-id prom old_prom nargs mqdes capability major minor",
  },
  { kind: "decimal", keys: "resp fan_type subj_trust obj_trust", types: "FANOTIFY" },
  { kind: "decimal", keys: "sec nsec", types: "TIME_INJOFFSET" },
  { kind: "decimal", keys: "sport dport proto", types: "NETFILTER_PKT" },
  { kind: "device", keys: "dev rdev", types: "PATH" },
];

const anyType = "";
const kinds = new Map<string, FieldKind>(
  fieldKindRows.flatMap(({ kind, keys, types = anyType }) =>
    types
      .split(" ")
      .flatMap((type) =>
        keys.split(" ").map((key): [string, FieldKind] => [`${type} ${key}`, kind]),
      ),
  ),
);

/** Tells the kind of a field by its key and the name of its record's type (`SYSCALL`, `UNKNOWN[1420]`). */
export function fieldKind(key: string, recordType: string): FieldKind {
  return (
    (recordType === "EXECVE" ? execveKind(key) : undefined) ??
    kinds.get(`${recordType} ${key}`) ??
    kinds.get(`${recordType} *`) ??
    kinds.get(`${anyType} ${key}`) ??
    "plain"
  );
}

/** Tells the kind of an EXECVE field whose key is a pattern, or `undefined` if it is none of these. */
function execveKind(key: string): "encoded" | "decimal" | undefined {
  if (/^a\d+(?:\[\d+\])?$/.test(key)) return "encoded";
  return /^a\d+_len$/.test(key) ? "decimal" : undefined;
}
