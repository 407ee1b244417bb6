import { but, butDaemon, butStatus, names } from "./doctor-names.ts";
import { nowMs, record, soundDoctor, soundKernelStatus } from "./doctor-sound.ts";

const unseen = { why: "only root may look" };

names(
  "a log that the agent does not read",
  but("log", { path: "/x" }),
  "log.path",
  "fault",
  /another log/,
);
names(
  "a full file system of the log",
  but("log", { space: { value: { freeBytes: 0, totalBytes: 10 ** 9 } } }),
  "log.space",
  "fault",
  /is full/,
);
names(
  "a suspended auditd",
  {
    ...butDaemon("admin_space_left", "50", "admin_space_left_action", "suspend"),
    log: { ...soundDoctor.log, space: { value: { freeBytes: 10 ** 7, totalBytes: 10 ** 9 } } },
  },
  "log.space",
  "fault",
  /suspended.*USR2$/,
);
names(
  "no log",
  but("log", { current: { value: undefined }, tail: unseen }),
  "log.growing",
  "fault",
  /there is no log/,
);
names(
  "a log that auditd ended",
  but("log", { tail: { value: record(5, "DAEMON_END") } }),
  "log.growing",
  "fault",
  /DAEMON_END/,
);
names(
  "a log into which the agent's act does not get",
  butStatus({ canary: { state: "missed", sent: 3, seen: 1, missed: 2, cause: "no_records" } }),
  "log.growing",
  "fault",
  /own act/,
);
names(
  "a log that does not grow while records wait",
  {
    ...but("log", { tail: { value: record(7_200) }, changedMs: { value: nowMs - 7_200_000 } }),
    kernel: { ...soundDoctor.kernel, status: { value: { ...soundKernelStatus, backlog: 5 } } },
  },
  "log.growing",
  "fault",
  /5 wait/,
);
names(
  "a silent log",
  but("log", { tail: { value: record(7_200) }, changedMs: { value: nowMs - 7_200_000 } }),
  "log.growing",
  "warning",
  /silent.*2026-11-23T10:00:00Z/,
);
names(
  "a clock that was set back",
  but("log", { tail: { value: `${record(5)}${record(3_605)}` } }),
  "log.clock",
  "warning",
  /set back.*11:59:55Z/,
);
names(
  "a record of the future",
  but("log", { tail: { value: record(-3_600) } }),
  "log.clock",
  "warning",
  /future/,
);

names(
  "an auditd that suspended its log and has room again",
  but("daemon", {
    said: {
      value:
        "Init complete, auditd 3.0.9\nAudit daemon is suspending logging due to low disk space.\n",
    },
  }),
  "log.growing",
  "fault",
  /low disk space.*USR2$/,
);
