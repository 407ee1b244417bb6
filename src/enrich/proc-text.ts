/** What /proc/<pid>/stat tells. */
export interface StatFacts {
  readonly ppid: number;
  /** Since boot, in clock ticks. */
  readonly startTicks: number;
  readonly comm: string;
}

/**
 * Reads the text of /proc/<pid>/stat, or `undefined` if it is none. The name stands in parentheses
 * and may hold any character, also `)` and line feeds, so it ends at the last `)`.
 *
 * Source: proc_pid_stat(5); fields (4) ppid and (22) starttime.
 */
export function parseStat(text: string): StatFacts | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(" ");
  const ppid = parseCount(fields[1]);
  const startTicks = parseCount(fields[19]);
  if (ppid === undefined || startTicks === undefined) return undefined;
  return { ppid, startTicks, comm: text.slice(open + 1, close) };
}

/**
 * Whether /proc/<pid>/status shows pid 1 of a pid namespace: the last of its `NSpid`.
 *
 * Source: proc_pid_status(5).
 */
export function isNamespaceInit(status: string): boolean {
  return /^NSpid:(?:\t\d+)*\t1$/m.test(status);
}

/**
 * Whether /proc/<pid>/uid_map maps all users to themselves, as in the host's own user namespace.
 *
 * Source: user_namespaces(7).
 */
export function isHostUidMap(text: string): boolean {
  return /^\s*0\s+0\s+4294967295\s*$/.test(text);
}

/** The arguments in /proc/<pid>/cmdline; none for a kernel thread or a process that is exiting. */
export function parseCmdline(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
}

function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
