import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "#base/failure.ts";
import { escapeJson, escapeUnprintable } from "#base/printable.ts";
import { checkConfig, renderProblem } from "#config/parse-config.ts";
import { readConfigTexts } from "#config/read-config.ts";
import { statusFileName } from "#model/status.ts";
import { footprint } from "#product/footprint.ts";
import { version } from "#product/version.ts";
import { diagnose } from "#verify/doctor.ts";
import type { AgentInputs } from "#verify/doctor-facts.ts";
import { type Finding, stations } from "#verify/doctor-finding.ts";
import { gatherForDoctor } from "#verify/doctor-gather.ts";
import { lastRecordMs } from "#verify/doctor-log.ts";
import type { Fact } from "#verify/fact.ts";
import { createHost } from "#verify/host.ts";
import { createPaint, type Look, wantsColor } from "./color.ts";
import {
  type Command,
  colorOption,
  configOption,
  type Handler,
  type Io,
  jsonOption,
  textOption,
} from "./command.ts";
import { judgeRunning, readStatus } from "./read-status.ts";

const patienceMs = 20_000;
const exitFault = 1;
const exitWarning = 2;

const looks: Readonly<Record<Finding["state"], Look>> = {
  fault: "failure",
  warning: "unknown",
  unknown: "unknown",
  note: "minor",
  fine: "minor",
};

const runDoctor: Handler = async (invocation, io) => {
  const agent = await readPatiently(textOption(invocation, "config"), io);
  const nowMs = io.now();
  const { daemonConfig } = footprint.audit;
  const facts = await gatherForDoctor(createHost(), { agent, nowMs, daemonConfig });
  const findings = diagnose(facts);
  const atMs = lastRecordMs(facts);
  const last = atMs === undefined ? undefined : new Date(atMs).toISOString();
  const text = invocation.options.has("json")
    ? `${escapeJson(JSON.stringify({ version, host: hostname(), lastRecord: last, findings }))}\n`
    : render(findings, last, wantsColor(invocation, io));
  await io.stdout.write(text);
  if (findings.some(({ state }) => state === "fault")) return exitFault;
  return findings.every(isSound) ? 0 : exitWarning;
};

/** Tells why there are no events. */
export const doctorCommand: Command = {
  name: "doctor",
  summary: "Find out why there are no events",
  description: [
    "Follows the way of an event from the kernel over auditd, its log and the access to it to the agent, its spool and the console, and tells what keeps events away or soon will: what it is, its cause, the risk, and the one command to run next. It changes nothing and runs none of these commands. A note tells what keeps no event away, and is for you to decide.",
    "Only root can see all of it. A question that another user cannot answer is unknown.",
  ],
  options: [{ ...jsonOption, help: "Writes JSON, one object." }, colorOption, configOption],
  exitCodes: {
    [exitFault]: "Something keeps events away.",
    [exitWarning]: "Nothing is known to, but there are warnings or questions without an answer.",
  },
  examples: [
    { line: "sudo linuxguard doctor", help: "Tells what is wrong." },
    {
      line: "sudo linuxguard doctor --json | jq -r '.findings[].command // empty'",
      help: "Lists the commands that it would have run.",
    },
  ],
  run: runDoctor,
};

/** On a busy host, an agent that waits for its turn is not one that hangs: it gets some seconds more. */
async function readPatiently(file: string | undefined, io: Io): Promise<AgentInputs> {
  for (const end = performance.now() + patienceMs; ; await sleep(1_000)) {
    const inputs = readInputs(file, io.now());
    if (inputs.running !== "stale" || performance.now() > end) return inputs;
  }
}

/** What the settings and the agent's own words tell. With mistakes in the settings, defaults count. */
function readInputs(file: string | undefined, nowMs: number): AgentInputs {
  const texts = attempt(() => readConfigTexts(file));
  const { config, problems } = checkConfig("why" in texts ? [] : texts.value);
  const mistakes = problems.length === 0 ? undefined : problems.map(renderProblem).join("; ");
  const status = attempt(() => readStatus(join(config.agent.runtimeDirectory, statusFileName)));
  return {
    settings: "why" in texts ? texts : { value: mistakes },
    logFile: config.audit.logFile,
    spoolDirectory: config.spool.directory,
    freeFloorBytes: config.spool.freeFloor,
    status,
    running: judgeRunning("why" in status ? undefined : status.value, nowMs),
  };
}

function attempt<T>(read: () => T): Fact<T> {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof Failure) return { why: error.message };
    throw error;
  }
}

/** Whether it keeps no event away. */
function isSound({ state }: Finding): boolean {
  return state === "fine" || state === "note";
}

function render(findings: readonly Finding[], last: string | undefined, color: boolean): string {
  const isAllSound = findings.every(isSound);
  const shown = isAllSound ? findings.filter(({ state }) => state !== "fine") : findings;
  const paint = createPaint({ color });
  const groups = stations.flatMap((station) => {
    const own = shown.filter(({ id }) => id.startsWith(`${station}.`));
    const lines = own.map((finding) => {
      const { cause, command, risk, state, what } = finding;
      const rest = [
        ...(cause === undefined ? [] : [`because ${cause}`]),
        ...(risk === undefined ? [] : [`so ${risk}`]),
        ...(command === undefined ? [] : [`run: ${command}`]),
      ];
      const title = `  ${paint(looks[state], state.padEnd(7))}  ${escapeUnprintable(what)}\n`;
      return `${title}${rest.map((line) => `           ${escapeUnprintable(line)}\n`).join("")}`;
    });
    return lines.length === 0 ? [] : [`${station}\n${lines.join("")}`];
  });
  const groupText = groups.join("\n");
  const lastText = last ?? "no known time";
  if (isAllSound) {
    const head = `Nothing keeps events away; the last one is of ${lastText}.\n`;
    return groups.length === 0 ? head : `${head}\n${groupText}`;
  }
  const counts = (["fault", "warning", "unknown", "note", "fine"] as const)
    .map((state) => `${state}: ${findings.filter((each) => each.state === state).length}`)
    .join(", ");
  return `${groupText}\n${counts}. The last event is of ${lastText}.\n`;
}
