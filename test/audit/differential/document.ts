import type { Comparison } from "#test/audit/differential/difference.ts";
import type { OracleRecord } from "#test/oracle/auparse.ts";

/** Where in the document a field of a record is. */
interface Place {
  readonly type: string;
  readonly key: string;
  readonly path: string;
  /** Whether it is there as logged, or as auparse interprets it; an argument may be empty. */
  readonly as: "logged" | "meaning" | "argument";
}

const places: readonly Place[] = [
  { type: "SYSCALL", key: "pid", path: "process.pid", as: "logged" },
  { type: "SYSCALL", key: "ppid", path: "process.parent.pid", as: "logged" },
  { type: "SYSCALL", key: "exe", path: "process.executable", as: "meaning" },
  { type: "SYSCALL", key: "comm", path: "process.name", as: "meaning" },
  { type: "SYSCALL", key: "uid", path: "user.id", as: "logged" },
  { type: "SYSCALL", key: "auid", path: "user.audit.id", as: "logged" },
  { type: "SYSCALL", key: "euid", path: "process.user.id", as: "logged" },
  { type: "SYSCALL", key: "egid", path: "process.group.id", as: "logged" },
  { type: "SYSCALL", key: "arch", path: "auditd.data.arch", as: "meaning" },
  { type: "SYSCALL", key: "syscall", path: "auditd.data.syscall", as: "meaning" },
  { type: "SYSCALL", key: "exit", path: "auditd.data.exit", as: "logged" },
  { type: "SYSCALL", key: "success", path: "auditd.data.success", as: "logged" },
  { type: "SYSCALL", key: "a0", path: "auditd.data.a0", as: "logged" },
  { type: "SYSCALL", key: "a1", path: "auditd.data.a1", as: "logged" },
  { type: "SYSCALL", key: "a2", path: "auditd.data.a2", as: "logged" },
  { type: "SYSCALL", key: "a3", path: "auditd.data.a3", as: "logged" },
  { type: "SYSCALL", key: "ses", path: "auditd.session", as: "logged" },
  { type: "EXECVE", key: "argc", path: "process.args_count", as: "logged" },
  { type: "CWD", key: "cwd", path: "process.working_directory", as: "meaning" },
  { type: "PROCTITLE", key: "proctitle", path: "process.title", as: "meaning" },
  { type: "USER_LOGIN", key: "addr", path: "source.address", as: "meaning" },
  { type: "USER_AUTH", key: "addr", path: "source.address", as: "meaning" },
  { type: "USER_START", key: "addr", path: "source.address", as: "meaning" },
  { type: "USER_CMD", key: "cmd", path: "process.command_line", as: "meaning" },
  { type: "USER_CMD", key: "cwd", path: "process.working_directory", as: "meaning" },
];

/** Fields of the n-th PATH, in `auditd.paths[n]`. */
const pathPlaces: readonly Pick<Place, "key" | "as">[] = [
  { key: "name", as: "meaning" },
  ...(["inode", "dev", "mode", "ouid", "ogid", "nametype"] as const).map(
    (key) => ({ key, as: "logged" }) as const,
  ),
];

const nothing = new Set(["", "?", "(null)", "(none)", "4294967295"]);

/** Compares the values of our document with the fields of auparse they come from. */
export function compareDocument(
  event: string,
  records: readonly OracleRecord[],
  document: object,
  comparison: Comparison,
): void {
  const byType = Map.groupBy(records, ({ type }) => type);
  for (const place of places) {
    compareField(event, byType.get(place.type)?.[0], place, document, comparison);
  }
  for (const [index, record] of (byType.get("PATH") ?? []).entries()) {
    for (const { key, as } of pathPlaces) {
      const path = `auditd.paths.${index}.${key}`;
      compareField(event, record, { type: "PATH", key, path, as }, document, comparison);
    }
  }
  for (const record of byType.get("EXECVE") ?? []) {
    for (const place of argumentPlaces(record)) {
      compareField(event, record, place, document, comparison);
    }
  }
}

function compareField(
  event: string,
  record: OracleRecord | undefined,
  { type, key, path, as }: Place,
  document: object,
  comparison: Comparison,
): void {
  const field = record?.fields.find(([name], index) => name === key && index > 0);
  if (field === undefined) return;
  const logged = field[1] ?? "";
  const oracle = (as === "logged" ? logged : field[2]) ?? "";
  comparison.expect("document", {
    event,
    type,
    key: path,
    logged,
    oracle: nothing.has(logged) && as !== "argument" ? "nothing" : asUtf8(oracle),
    ours: valueAt(document, path) ?? "nothing",
  });
}

/** The whole arguments; those in fragments are not put together by auparse. */
function argumentPlaces({ fields }: OracleRecord): readonly Place[] {
  return fields.flatMap(([key]) => {
    const index = /^a(\d+)$/.exec(key)?.[1];
    if (index === undefined) return [];
    return { type: "EXECVE", key, path: `process.args.${index}`, as: "argument" } as const;
  });
}

function valueAt(document: unknown, path: string): string | undefined {
  let value = document;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, name);
  }
  return value === undefined ? undefined : String(value);
}

/** The text of the bytes that one of auparse's strings stands for. */
function asUtf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
