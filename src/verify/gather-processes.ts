import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { attempt, attemptIfThere, type Fact } from "./fact.ts";
import type { Process } from "./facts.ts";
import type { Host } from "./host.ts";
import { parseListening } from "./listening.ts";
import { agentPrograms } from "./sandbox.ts";

const names = agentPrograms.map((path) => basename(path));

/** What /proc tells of every process. */
interface Seen extends Omit<Process, "isAgent" | "environment" | "listening"> {
  readonly ppid: number;
  /** Its program and how it was called, as far as they may be read. */
  readonly executable: string | undefined;
  readonly calledAs: string;
}

/**
 * Finds the processes of the agent's account and program, and those that they began. Who looks is
 * left out, with those that it began or was begun by.
 *
 * Source: proc_pid_status(5).
 */
export function gatherProcesses(
  host: Host,
  uid: number | undefined,
  self = process.pid,
): Fact<readonly Process[]> {
  const listed = attempt("/proc", () => readdirSync(join(host.root, "proc")));
  if ("why" in listed) return listed;
  if (!listed.value.includes("1")) return { why: "/proc shows no processes of others" };
  const seen = new Map<number, Seen>();
  for (const name of listed.value.filter((each) => /^\d+$/.test(each))) {
    const found = readProcess(host, Number(name));
    if (found !== undefined) seen.set(found.pid, found);
  }
  const looking = new Set(lineage(seen, self));
  const others = [...seen.values()].filter(({ pid, ppid }) => !looking.has(pid) && ppid !== self);
  const agents = new Set(others.filter(isAgentProgram).map(({ pid }) => pid));
  const isAgent = ({ pid }: Seen) => lineage(seen, pid).some((each) => agents.has(each));
  const ours = others.filter((each) => isAgent(each) || each.uids.includes(uid ?? -1));
  return { value: ours.map((each) => describe(host, each, isAgent(each))) };
}

/** A process and those above it. */
function lineage(seen: ReadonlyMap<number, Seen>, pid: number): readonly number[] {
  const pids: number[] = [];
  for (let at = seen.get(pid); at !== undefined && !pids.includes(at.pid); at = seen.get(at.ppid)) {
    pids.push(at.pid);
  }
  return pids;
}

/** The command line tool is the same file; by its name it is told apart. */
function isAgentProgram({ executable, calledAs }: Seen): boolean {
  const program = executable?.replace(/ \(deleted\)$/, "");
  const isFile = program === undefined || agentPrograms.includes(program);
  return isFile && names.includes(basename(calledAs));
}

/** One process, or nothing if it is gone. */
function readProcess(host: Host, pid: number): Seen | undefined {
  const folder = join(host.root, "proc", String(pid));
  const status = attemptIfThere("", () => readFileSync(join(folder, "status"), "utf8"));
  if ("why" in status || status.value === undefined) return undefined;
  const line = attempt("", () => readFileSync(join(folder, "cmdline"), "utf8"));
  const link = attempt("", () => readlinkSync(join(folder, "exe")));
  return {
    ...parseStatus(status.value),
    pid,
    executable: "why" in link ? undefined : link.value,
    calledAs: "why" in line ? "" : (line.value.split("\0", 1)[0] ?? ""),
  };
}

type Status = Omit<Seen, "pid" | "executable" | "calledAs">;

/** Reads the text of /proc/PID/status. */
function parseStatus(text: string): Status {
  const fields = new Map(
    text.split("\n").map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at), line.slice(at + 1).trim()] as const;
    }),
  );
  const numbers = (key: string) => (fields.get(key) ?? "").split(/\s+/).filter(Boolean).map(Number);
  const sets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];
  return {
    ppid: numbers("PPid")[0] ?? 0,
    uids: numbers("Uid"),
    gids: numbers("Gid"),
    groups: numbers("Groups"),
    capabilities: sets.filter((key) => !/^0+$/.test(fields.get(key) ?? "")),
    noNewPrivileges: fields.get("NoNewPrivs") === "1",
    seccomp: numbers("Seccomp")[0] ?? 0,
  };
}

function describe(host: Host, seen: Seen, isAgent: boolean): Process {
  const { pid, uids, gids, groups, capabilities, noNewPrivileges, seccomp } = seen;
  const folder = join(host.root, "proc", String(pid));
  const what = `process ${pid}`;
  const environment = attempt(what, () =>
    readFileSync(join(folder, "environ"), "utf8")
      .split("\0")
      .map((each) => each.split("=", 1)[0] ?? "")
      .filter((name) => name !== ""),
  );
  const listening = attempt(what, () => listListening(folder));
  const rights = { capabilities, noNewPrivileges, seccomp };
  return { pid, uids, gids, groups, ...rights, isAgent, environment, listening };
}

/** Throws the system's error. */
function listListening(folder: string): readonly string[] {
  const held = new Set(
    readdirSync(join(folder, "fd")).flatMap((fd) => {
      const link = attemptIfThere("", () => readlinkSync(join(folder, "fd", fd)));
      const inode = "why" in link ? undefined : /^socket:\[(?<inode>\d+)\]$/.exec(link.value ?? "");
      return inode?.groups?.inode ?? [];
    }),
  );
  if (held.size === 0) return [];
  return (["tcp", "tcp6", "unix"] as const).flatMap((kind) => {
    const table = attemptIfThere("", () => readFileSync(join(folder, "net", kind), "utf8"));
    return "why" in table ? [] : parseListening(kind, table.value ?? "", held);
  });
}
