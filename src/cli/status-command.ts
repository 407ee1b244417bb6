import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, Failure } from "#base/failure.ts";
import { type Form, hasForm } from "#base/form.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { renderSize } from "#base/units.ts";
import { readConfig } from "#config/read-config.ts";
import type { CanaryCause, CanaryStatus } from "#model/canary.ts";
import { type FateCount, type LossEntry, lineFates } from "#model/ledger.ts";
import {
  type AgentStatus,
  type Problem,
  staleStatusMs,
  statusFileName,
  type WaitingStatus,
} from "#model/status.ts";
import { identity } from "#product/identity.ts";
import { type Command, configOption, type Handler, jsonOption, textOption } from "./command.ts";

/** Far more than a status takes. */
const longestStatus = 1_048_576;

const exitUnhealthy = 1;
const exitNotRunning = 3;

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
  canary: { state: "string", sent: "number", seen: "number", missed: "number" },
  ledger: {
    read: lineForm,
    inFlight: lineForm,
    fates: Object.fromEntries(lineFates.map((fate) => [fate, lineForm])),
    losses: {},
    documents: "number",
  },
};

/** Shows how the agent fares. */
export const statusCommand: Command = {
  name: "status",
  summary: "Show how the agent fares",
  description: [
    "Shows whether the agent runs, how far it has read, what became of every line, and what was lost and why.",
  ],
  options: [jsonOption, configOption],
  exitCodes: {
    [exitUnhealthy]: "The agent runs, but not all is well.",
    [exitNotRunning]: "The agent does not run, or hangs.",
    [exitCodes["config.invalid"]]: "The configuration has mistakes.",
  },
  examples: [{ line: "linuxguard status --json", help: "Writes all of it as JSON." }],
  run: async (invocation, io) => await runStatus(invocation, io),
};

/** Whether there is an agent behind what was told last. */
type Running = "running" | "stale" | "stopped";

const runStatus: Handler = async (invocation, io) => {
  const { config } = readConfig(textOption(invocation, "config"));
  const path = join(config.agent.runtimeDirectory, statusFileName);
  const status = readStatus(path);
  const running = status === undefined ? "stopped" : judge(status, io.now());
  if (invocation.options.has("json")) {
    await io.stdout.write(`${JSON.stringify({ running, ...status })}\n`);
  } else await io.stdout.write(render(status, running, path));
  if (status === undefined || running !== "running") return exitNotRunning;
  return status.health.length === 0 ? 0 : exitUnhealthy;
};

/** Any status: an agent that waits for its spool has less to tell. */
type Status = AgentStatus | WaitingStatus;

/** A status, or `undefined` if there is none. Root may read what the agent's account has put there. */
function readStatus(path: string): Status | undefined {
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

function isWaiting(value: unknown): value is WaitingStatus {
  return hasForm(value, waitingForm) && (value as WaitingStatus).spool.state === "unopened";
}

function unreadable(path: string, code: string, cause?: unknown): Failure {
  const hint =
    code === "EINVAL"
      ? `It is no status. Stop the agent, remove the file and start the agent.`
      : `Run as root, as ${identity.user} or as a member of its group.`;
  return new Failure("source.unreadable", `Cannot read ${path}: ${code}`, { hint, cause });
}

function judge({ pid, updatedAt }: Status, nowMs: number): Running {
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

function render(status: Status | undefined, running: Running, path: string): string {
  if (status === undefined) return `${identity.agent} does not run: there is no ${path}\n`;
  const { health, problem } = status;
  const reasons = health.length === 0 ? "well" : health.join(", ");
  const states = { running: reasons, stale: "hangs", stopped: "not running" };
  const rows: (readonly [name: string, text: string])[] = [
    ["state", states[running]],
    ...listProblem(problem),
    ["agent", `version ${status.version}, pid ${status.pid}, since ${status.startedAt}`],
    ["updated", status.updatedAt],
    ...(isWaiting(status)
      ? [["spool", `${status.spool.directory}, unopened`] as const]
      : listWork(status)),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${escapeUnprintable(text)}\n`).join("");
}

function listProblem(problem: Problem | undefined): readonly (readonly [string, string])[] {
  if (problem === undefined) return [];
  return [
    ["problem", problem.message],
    ["remedy", problem.hint],
  ];
}

/** What an agent reads, keeps and loses. */
function listWork({
  canary,
  ledger,
  source,
  spool,
}: AgentStatus): readonly (readonly [string, string])[] {
  return [
    ["log", `${source.path}, ${source.access}, ${source.bytesBehind} bytes behind`],
    [
      "spool",
      `${spool.directory}, ${spool.state}, ${spool.sizeBytes} of ${renderSize(spool.maxBytes)}`,
    ],
    ["batches", `${spool.sequence}, with ${spool.documents} events`],
    ["canary", renderCanary(canary)],
    ["read", `${ledger.read.lines} lines, ${ledger.read.bytes} bytes`],
    ["in flight", `${ledger.inFlight.lines} lines, ${ledger.inFlight.bytes} bytes`],
    ...lineFates.map((fate) => [fate, renderFate(ledger.fates[fate])] as const),
    ...Object.entries(ledger.losses).map(
      ([reason, loss]) => [`lost: ${reason}`, renderLoss(loss)] as const,
    ),
  ];
}

function renderCanary({ state, sent, seen, delayMs, cause }: CanaryStatus): string {
  const delay = delayMs === undefined ? "" : `, the last after ${delayMs} ms`;
  const why = cause === undefined ? "" : `; ${canaryCauses[cause]}`;
  return `${state}, ${seen} of ${sent} acts came back${delay}${why}`;
}

const canaryCauses: Readonly<Record<CanaryCause, string>> = {
  no_access: "the audit log cannot be read",
  no_records: "nothing comes from auditd: it is stopped or suspended, or audit is off",
  no_rule: "records come, but no rule records this one: see linuxguard-setup rules",
  behind: "the agent has not read that far yet",
};

function renderFate({ lines, bytes, first, last }: FateCount): string {
  const span = first === undefined ? "" : `, from ${first} to ${last}`;
  return `${lines} lines, ${bytes} bytes${span}`;
}

function renderLoss({ count, events, bytes, first, last }: LossEntry): string {
  return `${count} times, ${events} events, ${bytes} bytes, from ${first} to ${last}`;
}
