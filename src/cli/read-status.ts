import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { Failure } from "#base/failure.ts";
import { type Form, hasForm } from "#base/form.ts";
import { lineFates } from "#model/ledger.ts";
import { type AgentStatus, staleStatusMs, type WaitingStatus } from "#model/status.ts";
import { identity } from "#product/identity.ts";

/** Far more than a status takes. */
const longestStatus = 1_048_576;

const lineForm = { lines: "number", bytes: "number" } as const;
const headForm = {
  version: "string",
  pid: "number",
  startedAt: "string",
  updatedAt: "string",
  health: ["string"],
} as const;
const problemForm = { code: "string", message: "string", hint: "string" } as const;
const waitingForm: Form = {
  ...headForm,
  problem: problemForm,
  spool: { directory: "string", state: "string", maxBytes: "number" },
};
const statusForm: Form = {
  ...headForm,
  source: { path: "string", access: "string", bytesBehind: "number" },
  spool: {
    directory: "string",
    state: "string",
    sizeBytes: "number",
    maxBytes: "number",
    sequence: "number",
    documents: "number",
  },
  visibility: {},
  console: { state: "string", lag: { events: "number", bytes: "number", seconds: "number" } },
  canary: { state: "string", sent: "number", seen: "number", missed: "number" },
  ledger: {
    read: lineForm,
    inFlight: lineForm,
    fates: Object.fromEntries(lineFates.map((fate) => [fate, lineForm])),
    losses: {},
    documents: "number",
  },
};

/** Whether there is an agent behind what was told last. */
export type Running = "running" | "stale" | "stopped";

/** Any status: an agent that waits for its spool has less to tell. */
export type Status = AgentStatus | WaitingStatus;

/** A status, or `undefined` if there is none. Root may read what the agent's account has put there. */
export function readStatus(path: string): Status | undefined {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return parseStatus(fd, path);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code === "ENOENT") return undefined;
    if (code === undefined || error instanceof Failure) throw error;
    throw unreadable(path, code, error);
  }
}

function parseStatus(fd: number, path: string): Status {
  const stats = fstatSync(fd);
  if (!stats.isFile() || stats.size > longestStatus) throw unreadable(path, "EINVAL");
  const status = parseJson(readFileSync(fd, "utf8"));
  if (!isStatus(status)) throw unreadable(path, "EINVAL");
  return status;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isStatus(value: unknown): value is Status {
  if (isWaiting(value)) return true;
  if (!hasForm(value, statusForm)) return false;
  const { problem } = value as AgentStatus;
  return problem === undefined || hasForm(problem, problemForm);
}

export function isWaiting(value: unknown): value is WaitingStatus {
  return hasForm(value, waitingForm) && (value as WaitingStatus).spool.state === "unopened";
}

function unreadable(path: string, code: string, cause?: unknown): Failure {
  const hint =
    code === "EINVAL"
      ? `It is no status. Stop the agent, remove the file and start the agent.`
      : `Run as root, as ${identity.user} or as a member of its group.`;
  return new Failure("source.unreadable", `Cannot read ${path}: ${code}`, { hint, cause });
}

/** Tells whether the agent that told a status is there; without a status there is none. */
export function judgeRunning(status: Status | undefined, nowMs: number): Running {
  if (status === undefined) return "stopped";
  const { pid, updatedAt } = status;
  if (!isAlive(pid)) return "stopped";
  return nowMs - Date.parse(updatedAt) < staleStatusMs ? "running" : "stale";
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
