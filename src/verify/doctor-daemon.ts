import { footprint } from "#product/footprint.ts";
import type { DoctorFacts } from "./doctor-facts.ts";
import {
  type Diagnosis,
  fault,
  fine,
  judged,
  note,
  type Verdict,
  valueIn,
  warning,
} from "./doctor-finding.ts";

const { audit } = footprint;
/** Units that the doctor asks systemd for. */
export const units = {
  auditd: "auditd.service",
  rules: "audit-rules.service",
  journal: "systemd-journald-audit.socket",
  agent: `${footprint.service}.service`,
} as const;

/** What is asked of auditd. */
export const daemonDiagnoses: readonly Diagnosis[] = [
  {
    id: "auditd.installed",
    asks: "Is auditd installed?",
    judge: ({ daemon }) =>
      judged(daemon.isInstalled, (isInstalled) =>
        isInstalled
          ? fine("auditd is installed")
          : fault({
              what: "auditd is not installed",
              cause: "there is no /usr/sbin/auditd",
              risk: "nobody writes the log that the agent reads",
              command: "apt-get install auditd",
            }),
      ),
  },
  {
    id: "auditd.group",
    asks: "Is the group there that auditd gives its log to?",
    judge: (facts) =>
      judged(facts.accounts.groups, () => {
        const missing = missingGroup(facts);
        if (missing === undefined) {
          return judged(facts.daemon.config, () =>
            fine("auditd's settings name a group that is there"),
          );
        }
        return fault({
          what: `auditd's settings name the group ${missing}, which is not there`,
          cause: `log_group = ${missing} in ${audit.daemonConfig}`,
          risk: "auditd does not start with it: after the next boot nothing is recorded",
          command: `groupadd --system ${missing}`,
        });
      }),
  },
  {
    id: "auditd.running",
    asks: "Does auditd run?",
    judge: (facts) =>
      judged(facts.daemon.pid, (pid) => {
        if (pid !== undefined) return fine(`auditd runs, pid ${pid}`);
        // Without the program, another finding says so.
        return valueIn(facts.daemon.isInstalled) === false ? undefined : judgeStopped(facts);
      }),
  },
  {
    id: "auditd.writes",
    asks: "Does auditd write a log of this host?",
    judge: ({ daemon }) =>
      judged(daemon.config, (config) => (config === undefined ? undefined : judgeWrites(config))),
  },
  {
    id: "auditd.plugins",
    asks: "Does something else read along?",
    judge: ({ daemon }) =>
      judged(daemon.plugins, (names) =>
        fine(
          names.length === 0
            ? "no plugin of auditd reads along"
            : `auditd hands the records to ${names.join(", ")}, too, which does no harm`,
        ),
      ),
  },
  { id: "auditd.journal", asks: "Does the journal copy the records?", judge: judgeJournal },
];

/** The group that auditd.conf names and nobody knows. */
function missingGroup({ accounts, daemon }: DoctorFacts): string | undefined {
  const name = valueIn(daemon.config)?.get("log_group");
  const groups = valueIn(accounts.groups);
  if (name === undefined || groups === undefined) return undefined;
  const isThere = groups.some((group) => group.name === name || String(group.gid) === name);
  return isThere ? undefined : name;
}

function judgeStopped(facts: DoctorFacts): Verdict {
  const missing = missingGroup(facts);
  const known = valueIn(facts.units);
  const unit = known?.get(units.auditd);
  const isRulesFault = known?.get(units.rules)?.get("ActiveState") === "failed";
  const trouble = {
    what: "auditd does not run",
    cause: "it was stopped or never started",
    risk: "the kernel's records go to nobody, or only to the system log",
    command: "systemctl start auditd",
  };
  if (missing !== undefined) {
    const cause = `it does not start while log_group names ${missing}, which is not there`;
    return fault({ ...trouble, cause, command: `groupadd --system ${missing}` });
  }
  if (unit?.get("LoadState") === "masked") {
    return fault({ ...trouble, cause: "it is masked", command: "systemctl unmask --now auditd" });
  }
  if (isRulesFault) {
    const cause = `${units.rules} failed, which it needs: a rule is bad`;
    return fault({ ...trouble, cause, command: "augenrules --load && systemctl start auditd" });
  }
  if (unit?.get("ActiveState") === "failed" || unit?.get("SubState") === "auto-restart") {
    // What made it fail may be gone by now.
    return fault({
      ...trouble,
      cause: `it failed at its last start: ${unit.get("Result")}`,
      command: "systemctl start auditd || journalctl -u auditd -n 20 --no-pager",
    });
  }
  if (unit?.get("UnitFileState") === "disabled") {
    return fault({ ...trouble, cause: "it is disabled", command: "systemctl enable --now auditd" });
  }
  return fault(trouble);
}

/** Source: auditd.conf(5). */
function judgeWrites(config: ReadonlyMap<string, string>): Verdict {
  const has = (key: string, value: string) => config.get(key)?.toLowerCase() === value;
  const set = (key: string, value: string) =>
    `sed -i 's/^ *${key} *=.*/${key} = ${value}/' ${audit.daemonConfig} && auditctl --signal HUP`;
  if (has("write_logs", "no")) {
    return fault({
      what: "auditd writes no log",
      cause: `write_logs = no in ${audit.daemonConfig}: its records only go to plugins`,
      risk: "the agent, which reads the log, sees nothing",
      command: set("write_logs", "yes"),
    });
  }
  if (has("local_events", "no")) {
    return fault({
      what: "auditd takes records of other hosts only",
      cause: `local_events = no in ${audit.daemonConfig}`,
      risk: "nothing of this host is recorded",
      command: set("local_events", "yes"),
    });
  }
  if (has("log_format", "raw")) {
    return warning({
      what: "auditd writes ids without names",
      cause: `log_format = RAW in ${audit.daemonConfig}`,
      risk: "users that are gone when the agent asks for their names stay numbers",
      command: set("log_format", "ENRICHED"),
    });
  }
  return fine("auditd writes the records of this host, with names");
}

function judgeJournal({ daemon, units: known }: DoctorFacts): Verdict | undefined {
  return judged(known, (found) => {
    const state = found.get(units.journal)?.get("ActiveState");
    if (state !== "active") return fine("the journal does not copy the records");
    if (valueIn(daemon.pid) === undefined && !("why" in daemon.pid)) {
      return warning({
        what: "the records go to the journal only",
        cause: `${units.journal} is active, and no auditd runs`,
        risk: "the agent, which reads auditd's log, sees nothing",
        command: "systemctl enable --now auditd",
      });
    }
    // Debian 12 has it so from the start, and somebody may read the journal for it: theirs to decide.
    return note({
      what: "the journal copies every record",
      cause: `${units.journal} is active`,
      risk: "each event costs its processor time and disk twice; none is kept away",
      command: `systemctl mask --now ${units.journal}`,
    });
  });
}
