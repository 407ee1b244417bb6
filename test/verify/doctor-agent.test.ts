import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose } from "#verify/doctor.ts";
import { units } from "#verify/doctor-daemon.ts";
import { but, butStatus, butUnit, names } from "./doctor-names.ts";
import { soundDoctor, soundStatus } from "./doctor-sound.ts";

names(
  "settings with mistakes",
  but("agent", { settings: { value: "/etc/x:3: no such setting" } }),
  "agent.settings",
  "fault",
  /config check$/,
);
names(
  "no agent",
  but("agent", { isInstalled: { value: false } }),
  "agent.service",
  "fault",
  /not installed/,
);
names(
  "an agent that systemd does not know",
  butUnit(units.agent, { LoadState: "not-found" }),
  "agent.service",
  "fault",
  /not-found/,
);
names(
  "a masked agent",
  butUnit(units.agent, { LoadState: "masked" }),
  "agent.service",
  "fault",
  /systemctl unmask linuxguard$/,
);
names(
  "a disabled agent",
  butUnit(units.agent, { UnitFileState: "disabled" }),
  "agent.service",
  "warning",
  /systemctl enable linuxguard$/,
);
names(
  "an agent that ends again and again",
  butUnit(units.agent, { SubState: "auto-restart", NRestarts: "7", ExecMainStatus: "75" }),
  "agent.running",
  "fault",
  /7 times; another agent holds its spool/,
);
names(
  "an agent that failed",
  butUnit(units.agent, { ActiveState: "failed", Result: "exit-code", ExecMainStatus: "78" }),
  "agent.running",
  "fault",
  /settings have mistakes/,
);
names(
  "an agent that hangs",
  but("agent", { running: "stale" }),
  "agent.running",
  "fault",
  /hangs.*restart linuxguard$/,
);
names(
  "a stopped agent",
  {
    ...butUnit(units.agent, { ActiveState: "inactive" }),
    agent: { ...soundDoctor.agent, running: "stopped" },
  },
  "agent.running",
  "fault",
  /systemctl start linuxguard$/,
);
names(
  "an agent that tells nothing",
  but("agent", { running: "stopped", status: { value: undefined } }),
  "agent.running",
  "warning",
  /tells nothing/,
);
names(
  "an agent that is behind",
  butStatus({ source: { ...soundStatus.source, bytesBehind: 10 ** 8 } }),
  "agent.lag",
  "warning",
  /97657 KiB behind/,
);
names(
  "an agent whose act no rule records",
  butStatus({ canary: { state: "missed", sent: 3, seen: 1, missed: 2, cause: "no_rule" } }),
  "agent.canary",
  "fault",
  /no_rule.*augenrules --load$/,
);
names(
  "a spool without room",
  but("agent", { spoolSpace: { value: { freeBytes: 2 ** 27, totalBytes: 2 ** 30 } } }),
  "spool.space",
  "fault",
  /128 MiB are free.*256 MiB/,
);
names(
  "a spool that takes nothing",
  butStatus({
    spool: { ...soundStatus.spool, state: "refused" },
    problem: { code: "spool.unusable", message: "Cannot write", hint: "Free space" },
  }),
  "spool.writable",
  "fault",
  /Cannot write\. Free space/,
);
test("diagnose() does not take an agent for stopped whose status it may not read", () => {
  const found = diagnose(but("agent", { running: "stopped", status: { why: "no right" } }));

  assert.equal(found.find(({ id }) => id === "agent.running")?.state, "unknown");
});
