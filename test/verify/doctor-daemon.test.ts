import { units } from "#verify/doctor-daemon.ts";
import { but, butDaemon, butUnit, names, stopped } from "./doctor-names.ts";
import { soundDoctor } from "./doctor-sound.ts";

names(
  "no auditd",
  but("daemon", { isInstalled: { value: false }, pid: { value: undefined } }),
  "auditd.installed",
  "fault",
  /apt-get install auditd$/,
);
names(
  "a missing log_group",
  butDaemon("log_group", "gone"),
  "auditd.group",
  "fault",
  /groupadd --system gone$/,
);
names(
  "an auditd that was stopped",
  { ...soundDoctor, daemon: stopped },
  "auditd.running",
  "fault",
  /systemctl start auditd$/,
);
names(
  "an auditd that a missing group keeps down",
  but("daemon", {
    pid: { value: undefined },
    config: { value: new Map([["log_group", "gone"]]) },
  }),
  "auditd.running",
  "fault",
  /gone.*groupadd/,
);
names(
  "a masked auditd",
  { ...butUnit(units.auditd, { LoadState: "masked" }), daemon: stopped },
  "auditd.running",
  "fault",
  /unmask --now auditd$/,
);
names(
  "a disabled auditd",
  { ...butUnit(units.auditd, { UnitFileState: "disabled" }), daemon: stopped },
  "auditd.running",
  "fault",
  /enable --now auditd$/,
);
names(
  "an auditd that fails",
  {
    ...butUnit(units.auditd, { ActiveState: "failed", Result: "exit-code", ExecMainStatus: "6" }),
    daemon: stopped,
  },
  "auditd.running",
  "fault",
  /last start.*systemctl start auditd/,
);
names(
  "an auditd that bad rules keep down",
  { ...butUnit(units.rules, { ActiveState: "failed" }), daemon: stopped },
  "auditd.running",
  "fault",
  /a rule is bad.*augenrules --load && systemctl start auditd$/,
);
names(
  "an auditd that writes no log",
  butDaemon("write_logs", "no"),
  "auditd.writes",
  "fault",
  /write_logs = no/,
);
names(
  "an auditd for other hosts",
  butDaemon("local_events", "no"),
  "auditd.writes",
  "fault",
  /local_events = no/,
);
names(
  "an auditd that writes ids only",
  butDaemon("log_format", "RAW"),
  "auditd.writes",
  "warning",
  /RAW/,
);
names(
  "a journal that copies records",
  butUnit(units.journal, {}),
  "auditd.journal",
  "note",
  /copies every record.*mask --now/,
);
names(
  "a journal that alone has the records",
  { ...butUnit(units.journal, {}), daemon: stopped },
  "auditd.journal",
  "warning",
  /journal only/,
);
