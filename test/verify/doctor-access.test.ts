import type { DoctorFacts } from "#verify/doctor-facts.ts";
import { but, butDaemon, names } from "./doctor-names.ts";
import { soundDoctor, soundStatus } from "./doctor-sound.ts";
import { ids, place, rootsEntry, soundProcess } from "./sound-host.ts";

/** Both facts: the agent is not there to say that it can read, so the rights are looked at. */
function shut(log: Partial<DoctorFacts["log"]>): DoctorFacts {
  return { ...but("log", log), agent: { ...soundDoctor.agent, running: "stopped" } };
}

names(
  "no account",
  but("accounts", { own: { value: undefined } }),
  "access.account",
  "fault",
  /linuxguard-setup apply$/,
);
names(
  "an account outside its group",
  but("accounts", {
    groups: { value: [{ name: "linuxguard-audit", gid: ids.auditGid, members: [] }] },
  }),
  "access.account",
  "fault",
  /no member/,
);
names(
  "a log that another reader has taken",
  {
    ...butDaemon("log_group", "wazuh"),
    agent: {
      ...soundDoctor.agent,
      status: { value: { ...soundStatus, source: { ...soundStatus.source, access: "lost" } } },
    },
  },
  "access.holder",
  "warning",
  /wazuh.*audit-access acl$/,
);
names(
  "a log directory that is root's",
  shut({ directory: place({ path: "/var/log/audit", kind: "directory", mode: 0o700 }) }),
  "access.log",
  "fault",
  /\/var\/log\/audit .*audit-access auto$/,
);
names(
  "a log that is root's",
  shut({ current: place({ mode: 0o600, gid: 0 }) }),
  "access.log",
  "fault",
  /audit\.log 0:0 600/,
);
names(
  "a log whose list names others",
  shut({ current: place({ gid: 4 }, { value: new Map([["wazuh", "r--"]]) }) }),
  "access.log",
  "fault",
  /audit\.log 0:4 640/,
);
names(
  "a folder above the log that is shut",
  shut({ parents: { value: [place(rootsEntry("/var/log", 0o750, "directory")).value] } }),
  "access.log",
  "fault",
  /setfacl -m g:linuxguard-audit:x \/var\/log$/,
);
names(
  "an agent that was begun before its group",
  but("agent", { processes: { value: [{ ...soundProcess, groups: [], gids: [1] }] } }),
  "access.process",
  "fault",
  /systemctl restart linuxguard$/,
);
names(
  "rotated files of root's",
  but("log", {
    rotated: { value: [place({ path: "/l/audit.log.3", gid: 0, mode: 0o440 }).value] },
  }),
  "access.rotated",
  "warning",
  /setfacl .* \/l\/audit\.log\.3$/,
);

names(
  "a log that the agent only still has open",
  but("log", { current: place({ mode: 0o600, gid: 0 }) }),
  "access.log",
  "warning",
  /after its rotation/,
);
