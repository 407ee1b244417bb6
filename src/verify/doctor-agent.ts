import type { AgentStatus } from "#model/status.ts";
import { footprint } from "#product/footprint.ts";
import { units } from "./doctor-daemon.ts";
import type { DoctorFacts } from "./doctor-facts.ts";
import {
  type Diagnosis,
  fault,
  fine,
  judged,
  type Verdict,
  valueIn,
  warning,
} from "./doctor-finding.ts";
import { renderMoment } from "./doctor-log.ts";

const { files, service } = footprint;
const MiB = 1_048_576;
/** More than this to read is more than one file of auditd's default size. */
const laggingBytes = 8 * MiB;
const restart = `systemctl restart ${service}`;
/** Shows what the agent said last. */
export const showLog = `journalctl -u ${service} -n 20 --no-pager`;
const editSettings = "sudoedit /etc/linuxguard/linuxguard.conf";

/** What the agent says with its exit code before it gives up. Source: sysexits(3). */
const exitCauses: Readonly<Record<string, string>> = {
  "73": "its spool cannot be used",
  "75": "another agent holds its spool",
  "77": "it was started as root, and refuses that",
  "78": "its settings have mistakes",
};

/** What is asked of the agent, of its spool and of its settings. */
export const agentDiagnoses: readonly Diagnosis[] = [
  {
    id: "agent.settings",
    asks: "Are the agent's settings without mistakes?",
    judge: ({ agent }) =>
      judged(agent.settings, (mistakes) =>
        mistakes === undefined
          ? fine("the settings have no mistakes")
          : fault({
              what: "the settings have mistakes",
              cause: mistakes,
              risk: "the agent does not start with them",
              command: "linuxguard config check",
            }),
      ),
  },
  { id: "agent.service", asks: "Is the agent a service that starts at boot?", judge: judgeService },
  { id: "agent.running", asks: "Does the agent run?", judge: judgeRunning },
  {
    id: "agent.lag",
    asks: "Does the agent keep up?",
    judge: (facts) =>
      judgeStatus(facts, ({ source }) => {
        const behind = `${Math.ceil(source.bytesBehind / 1_024)} KiB behind`;
        if (source.bytesBehind <= laggingBytes) return fine(`the agent is ${behind}`);
        return warning({
          what: "the agent is behind",
          cause: `it is ${behind} in ${source.path}: more comes than its share of the processor can take`,
          risk: "events come late, and what auditd rotates away meanwhile is lost",
          command: "aureport --key --summary --input-logs",
        });
      }),
  },
  {
    id: "agent.canary",
    asks: "Does what the agent does come back as an event?",
    judge: (facts) => judgeStatus(facts, judgeCanary),
  },
  { id: "spool.space", asks: "Has the spool's file system room?", judge: judgeSpoolSpace },
  {
    id: "spool.writable",
    asks: "Does the spool take events?",
    judge: ({ agent }) =>
      judged(agent.status, (status) => {
        if (status === undefined || agent.running === "stopped") return undefined;
        const { problem, spool } = status;
        if (spool.state === "writable") return fine("the spool takes events");
        return fault({
          what:
            spool.state === "unopened"
              ? "the agent waits for its spool"
              : "the spool takes nothing",
          cause: problem === undefined ? spool.directory : `${problem.message}. ${problem.hint}`,
          risk: "events wait in auditd's files, and what those rotate away is lost",
          command: `df ${spool.directory}`,
        });
      }),
  },
];

function judgeService({ agent, kernel, units: known }: DoctorFacts): Verdict | undefined {
  const trouble = {
    what: "the agent is not set up as a service",
    risk: "it does not start at boot",
  };
  const install = "apt-get install --reinstall linuxguard";
  if (valueIn(agent.isInstalled) === false) {
    const cause = `there is no ${files.agent.path}`;
    const risk = "no event is collected";
    return fault({ what: "the agent is not installed", cause, risk, command: install });
  }
  if (kernel.container !== undefined) return undefined;
  return judged(known, (found) => {
    const unit = found.get(units.agent);
    if (unit === undefined) return undefined;
    if (unit.get("LoadState") === "masked") {
      const command = `systemctl unmask ${service}`;
      return fault({
        ...trouble,
        what: "the agent is masked",
        cause: "somebody masked it",
        command,
      });
    }
    if (unit.get("LoadState") !== "loaded") {
      const cause = `systemd says ${unit.get("LoadState") ?? "nothing"} of ${units.agent}`;
      return fault({ ...trouble, cause, command: install });
    }
    if (unit.get("UnitFileState") === "enabled") return fine("the agent starts at boot");
    return warning({
      ...trouble,
      what: "the agent does not start at boot",
      cause: `systemd says ${unit.get("UnitFileState")} of ${units.agent}`,
      risk: "after the next boot no event is collected",
      command: `systemctl enable ${service}`,
    });
  });
}

function judgeRunning(facts: DoctorFacts): Verdict | undefined {
  const { agent, nowMs, units: known } = facts;
  if (valueIn(agent.isInstalled) === false) return undefined;
  const status = valueIn(agent.status);
  const unit = valueIn(known)?.get(units.agent);
  const risk = "no event is collected";
  const code = unit?.get("ExecMainStatus") ?? "0";
  const said = exitCauses[code] ?? `its last exit code is ${code}`;
  if (unit?.get("SubState") === "auto-restart") {
    const cause = `systemd has started it ${unit.get("NRestarts")} times; ${said}`;
    return fault({ what: "the agent ends again and again", cause, risk, command: showLog });
  }
  if (unit?.get("ActiveState") === "failed") {
    const cause = `${unit.get("Result")}; ${said}`;
    return fault({ what: "the agent has failed", cause, risk, command: showLog });
  }
  if (agent.running === "stale") {
    const since =
      status === undefined ? "" : ` since ${renderMoment(Date.parse(status.updatedAt))}`;
    const cause = `process ${status?.pid} is there, but has told nothing${since}; it is ${renderMoment(nowMs)} now`;
    return fault({ what: "the agent hangs", cause, risk, command: restart });
  }
  if (agent.running === "running") return fine(`the agent runs, pid ${status?.pid}`);
  const isActive = unit?.get("ActiveState") === "active";
  const stopped = fault({
    what: "the agent does not run",
    cause: unit === undefined ? "there is no status of a running agent" : "the service is stopped",
    risk,
    command: `systemctl start ${service}`,
  });
  if (unit !== undefined && !isActive) return stopped;
  return judged(agent.status, () =>
    isActive
      ? warning({
          what: "the agent runs, but tells nothing of itself",
          cause: "the service is active, and there is no status of a running agent",
          risk: "nobody can tell how it fares",
          command: showLog,
        })
      : stopped,
  );
}

/** Judges what an agent tells that is at work; of others there is nothing to tell. */
export function judgeStatus(
  { agent }: DoctorFacts,
  judge: (status: AgentStatus) => Verdict | undefined,
): Verdict | undefined {
  return judged(agent.status, (status) => {
    const isWorking = agent.running === "running" && status !== undefined && "canary" in status;
    return isWorking ? judge(status) : undefined;
  });
}

function judgeCanary({ canary }: AgentStatus): Verdict {
  if (canary.state !== "missed") {
    return fine(`the agent's own act: ${canary.state}, ${canary.seen} of ${canary.sent} came back`);
  }
  return fault({
    what: "what the agent does does not come back as an event",
    cause: `${canary.missed} acts in a row did not, for the likely cause ${canary.cause ?? "unknown"}`,
    risk: "what others do may not come back either",
    command: canary.cause === "no_rule" ? "augenrules --load" : "linuxguard status",
  });
}

function judgeSpoolSpace({ agent }: DoctorFacts): Verdict | undefined {
  return judged(agent.spoolSpace, ({ freeBytes }) => {
    const free = `${Math.floor(freeBytes / MiB)} MiB are free for ${agent.spoolDirectory}`;
    if (freeBytes > agent.freeFloorBytes) return fine(free);
    return fault({
      what: "the spool's file system is too full",
      cause: `${free}, and spool.free_floor keeps ${Math.ceil(agent.freeFloorBytes / MiB)} MiB`,
      risk: "the spool gives its oldest events away, or takes none",
      command: freeBytes < MiB ? `df ${agent.spoolDirectory}` : editSettings,
    });
  });
}
