import { lineFates } from "#model/ledger.ts";
import type { AgentStatus } from "#model/status.ts";
import { footprint } from "#product/footprint.ts";
import { units } from "#verify/doctor-daemon.ts";
import type { DoctorFacts, KernelStatus } from "#verify/doctor-facts.ts";
import { ids, place, rootsEntry, soundFacts, soundProcess } from "./sound-host.ts";

const { audit } = footprint;

/** When the doctor looks. */
export const nowMs = Date.parse("2026-11-23T12:00:00Z");

/** A line of the log, made so many seconds before. */
export function record(agoSeconds: number, type = "SYSCALL"): string {
  const time = ((nowMs - agoSeconds * 1_000) / 1_000).toFixed(3);
  return `type=${type} msg=audit(${time}:7): arch=c000003e\n`;
}

/** What a kernel that is well tells. */
export const soundKernelStatus: KernelStatus = {
  enabled: 1,
  pid: 600,
  backlogLimit: 8_192,
  backlog: 0,
  lost: 0,
};

/** What an agent that is well tells. */
export const soundStatus: AgentStatus = {
  version: "0.1.0",
  pid: soundProcess.pid,
  startedAt: new Date(nowMs - 60_000).toISOString(),
  updatedAt: new Date(nowMs).toISOString(),
  health: [],
  source: { path: audit.log, access: "readable", bytesBehind: 512, lastReadAt: undefined },
  spool: {
    directory: "/var/lib/linuxguard/spool",
    state: "writable",
    sizeBytes: 1,
    maxBytes: 2,
    sequence: 1,
    documents: 1,
  },
  canary: { state: "alive", sent: 3, seen: 3, missed: 0 },
  console: {
    state: "connected",
    url: "https://console.example/v1/",
    lag: { events: 1, bytes: 200, seconds: 0 },
    rejected: 0,
    shed: 0,
  },
  visibility: {},
  ledger: {
    read: { lines: 0, bytes: 0 },
    inFlight: { lines: 0, bytes: 0 },
    fates: Object.fromEntries(
      lineFates.map((fate) => [fate, { lines: 0, bytes: 0 }]),
    ) as AgentStatus["ledger"]["fates"],
    documents: 0,
    losses: {},
  },
};

/** A unit as systemd tells of it. */
export function unit(more: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  const sound = { LoadState: "loaded", ActiveState: "active", SubState: "running" };
  return new Map(Object.entries({ ...sound, UnitFileState: "enabled", ...more }));
}

const rules = "-a always,exit -F arch=b64 -S execve -F key=lg_exec";
const { own, groups } = soundFacts.accounts;

/** What is known of a host where nothing keeps events away. */
export const soundDoctor: DoctorFacts = {
  isRoot: true,
  nowMs,
  kernel: {
    container: undefined,
    commandLine: { value: "BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet\n" },
    status: { value: soundKernelStatus },
    rules: { value: [rules, "-a always,exit -F arch=b64 -S mount -F key=of_others"] },
    rulesFiles: { value: [{ path: audit.rules, text: `${rules}\n` }] },
  },
  daemon: {
    isInstalled: { value: true },
    pid: { value: 600 },
    config: {
      value: new Map([
        ["log_group", "linuxguard-audit"],
        ["log_format", "ENRICHED"],
      ]),
    },
    plugins: { value: [] },
    said: { value: "Init complete, auditd 3.0.9 listening for events (startup state enable)\n" },
  },
  log: {
    path: audit.log,
    parents: { value: [place(rootsEntry("/var/log", 0o755, "directory")).value] },
    directory: place({ path: "/var/log/audit", kind: "directory", mode: 0o750 }),
    current: place({}),
    rotated: { value: [place({ path: `${audit.log}.1`, mode: 0o440 }).value] },
    tail: { value: `${record(9)}${record(5)}` },
    changedMs: { value: nowMs - 5_000 },
    space: { value: { freeBytes: 10 ** 10, totalBytes: 10 ** 11 } },
  },
  accounts: { own, groups },
  manager: "systemd",
  packages: "apt-get",
  units: {
    value: new Map([
      [units.auditd, unit()],
      [units.agent, unit()],
      [units.journal, unit({ ActiveState: "inactive" })],
    ]),
  },
  agent: {
    settings: { value: undefined },
    logFile: audit.log,
    spoolDirectory: "/var/lib/linuxguard/spool",
    freeFloorBytes: 2 ** 28,
    status: { value: soundStatus },
    running: "running",
    isInstalled: { value: true },
    processes: { value: [{ ...soundProcess, groups: [ids.auditGid] }] },
    spoolSpace: { value: { freeBytes: 10 ** 10, totalBytes: 10 ** 11 } },
  },
};
