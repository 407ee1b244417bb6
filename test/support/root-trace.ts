import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a command's processes asked of the file system, told apart by who asked. */
export interface Trace {
  readonly status: number | null;
  /** System calls made with root's rights. */
  readonly byRoot: readonly string[];
  /** Command lines of all processes. */
  readonly commands: readonly string[];
}

/** Runs a command under strace and tells calls of root from those of processes that gave root up. */
export function traceRoot(command: readonly string[], env: NodeJS.ProcessEnv): Trace {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-trace-"));
  try {
    const log = join(folder, "log");
    const calls = "trace=%file,fchdir,/^set(res|re)?uid$,/^v?fork$,/^clone3?$";
    const { status, error } = spawnSync(
      "strace",
      ["-f", "--seccomp-bpf", "-y", "-s", "4096", "-e", calls, "-o", log, "--", ...command],
      { env, stdio: "ignore", timeout: 120_000 },
    );
    if (error !== undefined) throw error;
    const lines = readFileSync(log, "utf8").split("\n").map(parseLine);
    const isAgent = findAgents(lines);
    const execs = lines.filter(({ call }) => call.startsWith("execve("));
    return {
      status,
      byRoot: lines
        .filter((line, at) => !line.call.startsWith("execve(") && !isAgent(line.pid, at))
        .map(({ call }) => call),
      commands: execs.map(({ call }) => call),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Line {
  readonly pid: string;
  readonly call: string;
}

function parseLine(line: string): Line {
  const space = line.indexOf(" ");
  return { pid: line.slice(0, space), call: line.slice(space).trim() };
}

/** A process is no longer root's after it has set another uid, and neither is one that it then makes. */
function findAgents(lines: readonly Line[]): (pid: string, at: number) => boolean {
  const gaveUp = new Map<string, number>();
  const madeBy = new Map<string, readonly [pid: string, at: number]>();
  for (const [at, { pid, call }] of lines.entries()) {
    // Its result may stand in a later line, if other processes spoke in between.
    if (/^set(?:res|re)?uid\((?:-1, )?[1-9]/.test(call)) gaveUp.set(pid, at);
    const made = /^(?:<\.\.\. )?(?:v?fork|clone3?)\b.* = (?<child>\d+)$/.exec(call)?.groups?.child;
    if (made !== undefined) madeBy.set(made, [pid, at]);
  }
  const isAgent = (pid: string, at: number): boolean => {
    if ((gaveUp.get(pid) ?? Number.POSITIVE_INFINITY) <= at) return true;
    const maker = madeBy.get(pid);
    return maker !== undefined && isAgent(...maker);
  };
  return isAgent;
}
