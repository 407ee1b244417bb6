import { footprint } from "#product/footprint.ts";
import { but, names } from "./doctor-names.ts";
import { soundKernelStatus } from "./doctor-sound.ts";

const { audit } = footprint;
const rulesFile = { path: audit.rules, text: "-a always,exit -S execve -F key=lg_exec\n" };
const never = "-a never,task";

names(
  "a kernel with its audit off",
  but("kernel", { status: { value: { ...soundKernelStatus, enabled: 0 } } }),
  "kernel.audit",
  "fault",
  /auditctl -e 1$/,
);
names(
  "a kernel that no auditd switched on",
  but("kernel", { status: { value: { ...soundKernelStatus, enabled: 0, pid: 0 } } }),
  "kernel.audit",
  "fault",
  /systemctl start auditd$/,
);
names(
  "a kernel that was booted with audit=0",
  but("kernel", { commandLine: { value: "quiet audit=0\n" }, status: { value: undefined } }),
  "kernel.audit",
  "fault",
  /audit=0.*grep -rn audit=/,
);
names(
  "a kernel without audit",
  but("kernel", { status: { value: undefined } }),
  "kernel.audit",
  "fault",
  /built without it/,
);
names(
  "a container",
  but("kernel", { container: "/run/.containerenv", status: { value: undefined } }),
  "kernel.audit",
  "fault",
  /a container.*containerenv/,
);
names(
  "a loaded rule -a task,never",
  but("kernel", { rules: { value: [never] } }),
  "kernel.task-never",
  "fault",
  /auditctl -d task,never$/,
);
names(
  "a rule -a task,never of a file",
  but("kernel", {
    rules: { value: [never] },
    rulesFiles: {
      value: [{ path: "/etc/audit/rules.d/10-no-audit.rules", text: "-D\n-a task,never\n" }],
    },
  }),
  "kernel.task-never",
  "fault",
  /sed .*10-no-audit\.rules && augenrules --load$/,
);
names(
  "a rule -a task,never for the next boot",
  but("kernel", {
    rulesFiles: { value: [{ path: "/etc/audit/audit.rules", text: "-a never,task\n" }] },
  }),
  "kernel.task-never",
  "warning",
  /the next boot/,
);
names(
  "no rules at all",
  but("kernel", { rules: { value: [] }, rulesFiles: { value: [] } }),
  "kernel.rules",
  "fault",
  /linuxguard-setup rules base$/,
);
names(
  "rules that are not loaded",
  but("kernel", { rules: { value: [] } }),
  "kernel.rules",
  "fault",
  /not loaded.*augenrules --load$/,
);
names(
  "rules of others only",
  but("kernel", { rules: { value: ["-w /etc -k etc"] }, rulesFiles: { value: [] } }),
  "kernel.rules",
  "warning",
  /none of LinuxGuard's/,
);
names(
  "some rules that are not loaded",
  but("kernel", { rules: { value: ["-w /etc -k etc"] }, rulesFiles: { value: [rulesFile] } }),
  "kernel.rules",
  "warning",
  /lg_exec/,
);
names(
  "locked rules without ours",
  but("kernel", {
    status: { value: { ...soundKernelStatus, enabled: 2 } },
    rules: { value: ["-w /etc -k etc"] },
  }),
  "kernel.locked",
  "warning",
  /enabled 2.*systemctl reboot$/,
);
names(
  "lost records",
  but("kernel", { status: { value: { ...soundKernelStatus, lost: 12, backlogLimit: 64 } } }),
  "kernel.lost",
  "warning",
  /lost 12.*auditctl -b 8192$/,
);
names(
  "a full backlog",
  but("kernel", { status: { value: { ...soundKernelStatus, backlog: 8_192 } } }),
  "kernel.lost",
  "warning",
  /backlog is full.*--reset-lost$/,
);
