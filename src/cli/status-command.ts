import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, Failure } from "#base/failure.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { renderSize } from "#base/units.ts";
import { readConfig } from "#config/read-config.ts";
import { type FateCount, type LossEntry, lineFates } from "#model/ledger.ts";
import type { AgentStatus } from "#model/status.ts";
import { identity } from "#product/identity.ts";
import { type Command, configOption, type Handler, jsonOption, textOption } from "./command.ts";

/** A status older than this is of an agent that hangs or is gone. */
const staleMs = 10_000;

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
  const path = join(config.agent.runtimeDirectory, "status.json");
  const status = readStatus(path);
  const isRunning = status !== undefined && isAlive(status, io.now());
  if (invocation.options.has("json")) {
    await io.stdout.write(`${JSON.stringify({ running: isRunning, ...status })}\n`);
  } else await io.stdout.write(render(status, isRunning, path));
  if (!isRunning) return exitNotRunning;
  return status.health.length === 0 ? 0 : exitUnhealthy;
};

function readStatus(path: string): AgentStatus | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as AgentStatus;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return undefined;
    if (code === "EACCES") throw unreadable(path, error);
    throw error;
  }
}

function unreadable(path: string, cause: unknown): Failure {
  return new Failure("source.unreadable", `Cannot read ${path}: EACCES`, {
    hint: `Run as root, as ${identity.user} or as a member of its group.`,
    cause,
  });
}

function isAlive({ pid, updatedAt }: AgentStatus, nowMs: number): boolean {
  if (nowMs - Date.parse(updatedAt) > staleMs) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function render(status: AgentStatus | undefined, isRunning: boolean, path: string): string {
  if (status === undefined) return `${identity.agent} does not run: there is no ${path}\n`;
  const { health, ledger, source, spool } = status;
  const state = isRunning ? (health.length === 0 ? "well" : health.join(", ")) : "not running";
  const rows: [string, string][] = [
    ["state", state],
    ["agent", `version ${status.version}, pid ${status.pid}, since ${status.startedAt}`],
    ["updated", status.updatedAt],
    ["log", `${source.path}, ${source.access}, ${source.bytesBehind} bytes behind`],
    [
      "spool",
      `${spool.directory}, ${spool.state}, ${spool.sizeBytes} of ${renderSize(spool.maxBytes)}`,
    ],
    ["batches", `${spool.sequence}, with ${spool.documents} events`],
    ["read", `${ledger.read.lines} lines, ${ledger.read.bytes} bytes`],
    ["in flight", `${ledger.inFlight.lines} lines, ${ledger.inFlight.bytes} bytes`],
    ...lineFates.map((fate): [string, string] => [fate, renderFate(ledger.fates[fate])]),
    ...Object.entries(ledger.losses).map(([reason, loss]): [string, string] => [
      `lost: ${reason}`,
      renderLoss(loss),
    ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${escapeUnprintable(text)}\n`).join("");
}

function renderFate({ lines, bytes, first, last }: FateCount): string {
  const span = first === undefined ? "" : `, from ${first} to ${last}`;
  return `${lines} lines, ${bytes} bytes${span}`;
}

function renderLoss({ count, events, bytes, first, last }: LossEntry): string {
  return `${count} times, ${events} events, ${bytes} bytes, from ${first} to ${last}`;
}
