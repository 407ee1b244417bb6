import { join } from "node:path";
import { exitCodes } from "#base/failure.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { renderSize } from "#base/units.ts";
import { readConfig } from "#config/read-config.ts";
import type { CanaryCause, CanaryStatus } from "#model/canary.ts";
import type { ConsoleStatus } from "#model/console.ts";
import { type FateCount, type LossEntry, lineFates } from "#model/ledger.ts";
import { type AgentStatus, type Problem, statusFileName } from "#model/status.ts";
import { identity } from "#product/identity.ts";
import { type Command, configOption, type Handler, jsonOption, textOption } from "./command.ts";
import { isWaiting, judgeRunning, type Running, readStatus, type Status } from "./read-status.ts";

const exitUnhealthy = 1;
const exitNotRunning = 3;

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

const runStatus: Handler = async (invocation, io) => {
  const { config } = readConfig(textOption(invocation, "config"));
  const path = join(config.agent.runtimeDirectory, statusFileName);
  const status = readStatus(path);
  const running = judgeRunning(status, io.now());
  if (invocation.options.has("json")) {
    await io.stdout.write(`${JSON.stringify({ running, ...status })}\n`);
  } else await io.stdout.write(render(status, running, path));
  if (status === undefined || running !== "running") return exitNotRunning;
  return status.health.length === 0 ? 0 : exitUnhealthy;
};

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
function listWork(status: AgentStatus): readonly (readonly [string, string])[] {
  const { canary, console, ledger, redactedSecrets, source, spool, visibility } = status;
  return [
    ["log", `${source.path}, ${source.access}, ${source.bytesBehind} bytes behind`],
    ["spool", renderSpool(spool)],
    ["batches", `${spool.sequence}, with ${spool.documents} events`],
    ["console", renderConsole(console)],
    ["canary", renderCanary(canary)],
    ["visibility", renderVisibility(visibility)],
    ["redaction", redactedSecrets === undefined ? "off" : `${redactedSecrets} secrets replaced`],
    ["read", `${ledger.read.lines} lines, ${ledger.read.bytes} bytes`],
    ["in flight", `${ledger.inFlight.lines} lines, ${ledger.inFlight.bytes} bytes`],
    ...lineFates.map((fate) => [fate, renderFate(ledger.fates[fate])] as const),
    ...Object.entries(ledger.losses).map(
      ([reason, loss]) => [`lost: ${reason}`, renderLoss(loss)] as const,
    ),
  ];
}

function renderSpool(spool: AgentStatus["spool"]): string {
  const { directory, state, sizeBytes, maxBytes, shedsBelow } = spool;
  const shed = shedsBelow === undefined ? "" : `, events below ${shedsBelow} severity are shed`;
  return `${directory}, ${state}, ${sizeBytes} of ${renderSize(maxBytes)}${shed}`;
}

function renderConsole(console: ConsoleStatus): string {
  const { state, agentId, url, reason, lag, acknowledgedAt, rejected, shed, notAfter } = console;
  const { skewSeconds } = console;
  const dropped = shed === 0 ? [] : [`${shed} events shed before they were delivered`];
  if (state === "unenrolled") {
    return [`unenrolled: ${lag.events} events stay on this host`, ...dropped].join(", ");
  }
  const parts = [
    reason === undefined ? state : `${state} (${reason})`,
    `${url} as ${agentId}`,
    `${lag.events} events, about ${lag.bytes} bytes and ${lag.seconds} s behind`,
    ...(acknowledgedAt === undefined ? [] : [`last taken ${acknowledgedAt}`]),
    ...(rejected === 0 ? [] : [`${rejected} events refused`]),
    ...dropped,
    ...(skewSeconds === undefined ? [] : [`clock ${skewSeconds} s before the console's`]),
    `certificate until ${notAfter}`,
  ];
  return parts.join(", ");
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

/** Rounded down: nothing but all is shown as 100 %. */
function renderVisibility({ hour, ever }: AgentStatus["visibility"]): string {
  const render = (share: number | undefined) =>
    share === undefined ? "no events" : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
  return `${render(hour)} in the last hour, ${render(ever)} ever`;
}

function renderFate({ lines, bytes, first, last }: FateCount): string {
  const span = first === undefined ? "" : `, from ${first} to ${last}`;
  return `${lines} lines, ${bytes} bytes${span}`;
}

function renderLoss({ count, events, bytes, first, last }: LossEntry): string {
  return `${count} times, ${events} events, ${bytes} bytes, from ${first} to ${last}`;
}
