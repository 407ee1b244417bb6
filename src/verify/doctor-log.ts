import type { DoctorFacts } from "./doctor-facts.ts";
import {
  type Diagnosis,
  fault,
  fine,
  judged,
  unclear,
  type Verdict,
  valueIn,
  warning,
} from "./doctor-finding.ts";

const MiB = 1_048_576;
/** A clock that is set by less is only corrected. */
const jumpMs = 60_000;
/** A host that says nothing for so long is worth a look. */
const silentMs = 3_600_000;

/** What is asked of the log. */
export const logDiagnoses: readonly Diagnosis[] = [
  {
    id: "log.path",
    asks: "Does the agent read the log that auditd writes?",
    judge: ({ agent, daemon, log }) => {
      if ("why" in daemon.config) return unclear(daemon.config.why);
      if (agent.logFile === log.path) return fine(`the log is ${log.path}`);
      return fault({
        what: "the agent reads another log than auditd writes",
        cause: `log_file of auditd is ${log.path}, audit.log_file of the agent ${agent.logFile}`,
        risk: "nothing that auditd writes is seen",
        command: `linuxguard configure audit.log_file=${log.path}`,
      });
    },
  },
  { id: "log.space", asks: "Has the log's file system room?", judge: judgeSpace },
  { id: "log.growing", asks: "Do records get into the log?", judge: judgeGrowing },
  {
    id: "log.clock",
    asks: "Does the clock of the records go forward?",
    judge: ({ log, nowMs }) => judged(log.tail, (tail) => judgeClock(tail, nowMs)),
  },
];

/** When the last record was made; `undefined` if no record is known. */
export function lastRecordMs({ log }: DoctorFacts): number | undefined {
  return readTimes(valueIn(log.tail) ?? "").at(-1);
}

function readTimes(tail: string): readonly number[] {
  const stamps = tail.matchAll(/^(?:node=\S+ )?type=\S+ msg=audit\((?<time>\d+\.\d{3}):\d+\)/gm);
  return [...stamps].map(({ groups }) => Math.round(Number(groups?.time) * 1_000));
}

/** auditd.conf(5): when there is less left than the limit, the action is taken. */
function judgeSpace({ daemon, log }: DoctorFacts): Verdict | undefined {
  return judged(log.space, ({ freeBytes, totalBytes }) => {
    const config = valueIn(daemon.config) ?? new Map<string, string>();
    const risk =
      "auditd writes nothing while there is so little room, and not all versions go on by themselves";
    const trouble = { risk, command: "auditctl --signal USR2" };
    const free = `${Math.floor(freeBytes / MiB)} MiB are free for ${log.path}`;
    if (freeBytes < MiB) {
      return fault({
        ...trouble,
        what: "the log's file system is full",
        cause: `${free}; make room there, then have auditd go on`,
      });
    }
    for (const key of ["admin_space_left", "space_left"] as const) {
      const limit = parseLimit(config.get(key) ?? "", totalBytes);
      const action = config.get(`${key}_action`)?.toUpperCase() ?? "IGNORE";
      if (freeBytes >= limit || !["SUSPEND", "SINGLE", "HALT"].includes(action)) continue;
      return fault({
        ...trouble,
        what: `auditd has ${action === "SUSPEND" ? "suspended its log" : "given up its work"} for lack of room`,
        cause: `${free}, less than ${key}, and its action is ${action}; make room there, then have auditd go on`,
      });
    }
    return fine(`${free}`);
  });
}

/** In MiB, or in percent of the file system. */
function parseLimit(text: string, totalBytes: number): number {
  const { value, percent } = /^(?<value>\d+)(?<percent>%?)$/.exec(text)?.groups ?? {};
  if (value === undefined) return 0;
  return percent === "%" ? (totalBytes * Number(value)) / 100 : Number(value) * MiB;
}

function judgeGrowing(facts: DoctorFacts): Verdict | undefined {
  const { agent, daemon, kernel, log, nowMs } = facts;
  const status = valueIn(agent.status);
  const trouble = {
    risk: "what happens now is not recorded",
    command: "auditctl --signal USR2",
  };
  const { current } = log;
  if (!("why" in current) && current.value === undefined) {
    return fault({
      ...trouble,
      what: "there is no log",
      cause: `auditd has not made ${log.path}`,
      command: "systemctl start auditd",
    });
  }
  const canary = status !== undefined && "canary" in status ? status.canary : undefined;
  if (canary?.state === "missed" && canary.cause === "no_records") {
    return fault({
      ...trouble,
      what: "nothing gets into the log",
      cause:
        "the agent's own act, which a rule records, left no record: auditd is suspended or stopped, or the kernel's audit is off",
    });
  }
  const suspended = readSuspension(valueIn(daemon.said) ?? "");
  if (suspended !== undefined) {
    return fault({ ...trouble, what: "auditd has suspended its log", cause: suspended });
  }
  return judged(log.tail, (tail) => {
    const last = tail.trimEnd().split("\n").at(-1) ?? "";
    const ended = /\btype=(?<type>DAEMON_(?:ABORT|END|ERR))\b/.exec(last)?.groups?.type;
    if (ended !== undefined) {
      return fault({
        ...trouble,
        what: "auditd has stopped writing",
        cause: `the log's last record is ${ended}`,
        command: "systemctl restart auditd",
      });
    }
    const at = lastRecordMs(facts);
    if (at === undefined) return unclear(`the end of ${log.path} holds no record`);
    const changedMs = Math.max(at, valueIn(log.changedMs) ?? at);
    const backlog = valueIn(kernel.status)?.backlog ?? 0;
    if (nowMs - changedMs < silentMs) return fine(`the last record is of ${renderMoment(at)}`);
    if (backlog > 0) {
      return fault({
        ...trouble,
        what: "auditd takes no records",
        cause: `${backlog} wait in the kernel, and the log has not grown since ${renderMoment(changedMs)}: auditd is suspended or hangs`,
      });
    }
    return warning({
      ...trouble,
      what: "the log is silent",
      cause: `the last record is of ${renderMoment(at)}; on a quiet host that may be right`,
      command: "auditctl -m linuxguard-doctor",
    });
  });
}

/** What auditd said when it stopped writing; `undefined` if it has gone on or was started since. */
function readSuspension(said: string): string | undefined {
  const last = said
    .split("\n")
    .findLast((line) => /suspending logging|resume|Init complete|exiting/i.test(line));
  return last?.includes("suspending logging") === true ? last : undefined;
}

function judgeClock(tail: string, nowMs: number): Verdict | undefined {
  const times = readTimes(tail);
  const command = "timedatectl status";
  const risk = "searches by time miss events, or find them at another time";
  const last = times.at(-1);
  if (last !== undefined && last - nowMs > jumpMs) {
    return warning({
      what: "the last record is of the future",
      cause: `it is of ${renderMoment(last)}; the clock was set back since`,
      risk,
      command,
    });
  }
  const at = times.findIndex((time, index) => (times[index - 1] ?? time) - time > jumpMs);
  if (at < 0) return fine("the clock of the records goes forward");
  return warning({
    what: "the clock was set back",
    cause: `a record of ${renderMoment(times[at] ?? 0)} follows one of ${renderMoment(times[at - 1] ?? 0)}`,
    risk,
    command,
  });
}

/** A moment as people and programs read it, without fractions. */
export function renderMoment(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, "Z");
}
