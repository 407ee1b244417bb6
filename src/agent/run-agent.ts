import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { assemblerLimits } from "#audit/assembler.ts";
import { createCore } from "#audit/core/core.ts";
import { Failure } from "#base/failure.ts";
import { readConfig } from "#config/read-config.ts";
import type { Config } from "#config/settings.ts";
import { type Host, readHost } from "#enrich/host.ts";
import { createLog, type Log } from "#log/create-log.ts";
import { detectStderrForm } from "#log/stderr-form.ts";
import { Canary } from "#pipeline/canary.ts";
import { Collector, type CollectorParts } from "#pipeline/collector.ts";
import { parseNote } from "#pipeline/note.ts";
import type { Seal } from "#pipeline/seal.ts";
import { identity } from "#product/identity.ts";
import { version } from "#product/version.ts";
import { AuditLog } from "#sources/audit-log.ts";
import type { Spool } from "#spool/spool.ts";
import type { EnrolRequest } from "#wire/shapes.ts";
import { ConsoleLink, tokenFileBeside } from "./console-link.ts";
import { createEnricher, keepProcesses } from "./create-enricher.ts";
import { createRedaction } from "./create-redaction.ts";
import { Health } from "./health.ts";
import { openSpool } from "./open-spool.ts";
import { readPrivilege, refusePrivilege } from "./privilege.ts";
import { startWatchdog } from "./watchdog.ts";

/** What open events may hold; every batch carries it. */
const inFlightBytes = 4 * 1_048_576;

/**
 * Runs the agent until SIGTERM or SIGINT and returns the exit code. Throws a `Failure` if it cannot
 * start: privileged, misconfigured, or not alone on its spool.
 */
export async function runAgent(configFile: string | undefined): Promise<number> {
  refusePrivilege(readPrivilege());
  // It runs for months and has little to do: memory goes before speed.
  setFlagsFromString("--memory-saver-mode");
  nameProcess();
  const { config } = readConfig(configFile);
  const log = createAgentLog(config);
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log.info("stopping", { signal });
      stop.abort();
    });
  }
  process.on("SIGHUP", () => reload(configFile, config, log));
  log.info("started", { version, pid: process.pid });
  try {
    const tokenFile = tokenFileBeside(configFile ?? identity.configFile);
    await collect({ config, log, tokenFile, signal: stop.signal });
    log.info("stopped");
    return 0;
  } finally {
    log.close();
  }
}

/**
 * Has `ps` and `top` show the agent's name, where Node says `node-MainThread`; its command line stays
 * as it is. The kernel keeps 15 characters, as it does of every program. Source: proc_pid_comm(5).
 */
function nameProcess(): void {
  writeFileSync("/proc/self/comm", identity.agent);
}

interface RunParts {
  readonly config: Config;
  readonly log: Log;
  readonly tokenFile: string;
  readonly signal: AbortSignal;
}

async function collect({ config, log, tokenFile, signal }: RunParts): Promise<void> {
  const startedAt = new Date().toISOString();
  const spool = await openSpool({ config, log, startedAt, signal });
  if (spool === undefined) return;
  const host = readHost();
  const name = config.host.name === "" ? host.ecs.name : config.host.name;
  const processesFile = join(config.agent.stateDirectory, "processes.json");
  const redaction = createRedaction(config, log);
  const enricher = createEnricher({
    settings: config.enrich,
    host,
    name,
    file: processesFile,
    redact: redaction.redactArguments,
  });
  const { note, losses } = readNote(spool, redaction.seal, log);
  const source = AuditLog.open({
    path: config.audit.logFile,
    from: "oldest",
    ...(note?.position === undefined ? {} : { position: note.position }),
  });
  const agent = { name: identity.agent, type: identity.cli, version };
  const canary = new Canary({ ...config.canary, intervalMs: config.canary.interval, log });
  const collector = new Collector(
    {
      core: createCore(),
      engine: {
        hostKey: host.key,
        envelope: JSON.stringify({ host: { ...host.ecs, name }, agent }).slice(1, -1),
        enricher,
        records: config.records.keep,
        recordBytes: config.records.size,
        quarantineLines: config.quarantine.linesPerMinute,
        limits: { ...assemblerLimits, bytes: inFlightBytes },
        redactor: redaction.records,
      },
      source,
      spool,
      log,
      note,
      seal: redaction.seal,
      losses,
      clock: () => performance.now(),
      canary,
    },
    { intervalMs: config.spool.flushInterval, sizeBytes: config.spool.flushSize },
  );
  const link = new ConsoleLink({
    config,
    spool,
    log,
    host: { key: host.key, name, ...systemOf(host) },
    tokenFile,
    heartbeat: () => health.heartbeat(),
  });
  const health = new Health({
    config,
    collector,
    spool,
    source,
    canary,
    link,
    redaction,
    log,
    startedAt,
  });
  const timer = setInterval(() => {
    enricher?.tick(Date.now());
    health.report(Date.now());
  }, 1_000);
  const stopWatchdog = startWatchdog(config.agent.hangLimit);
  try {
    await Promise.all([collector.run(signal), link.run(signal)]);
  } finally {
    stopWatchdog();
    clearInterval(timer);
    health.report(Date.now());
    if (enricher !== undefined) keepProcesses(enricher, processesFile, log);
    source.close();
    spool.close();
  }
}

/** What the console is told of the system when the host is let in. */
function systemOf({
  ecs: { os, architecture },
}: Host): Pick<EnrolRequest["host"], "os" | "architecture"> {
  return { os: os.full ?? os.name ?? os.type, architecture };
}

/** Reads where an earlier agent was; what cannot be used is counted, and the log begun at its oldest. */
function readNote(spool: Spool, seal: Seal, log: Log): Pick<CollectorParts, "note" | "losses"> {
  if (spool.note === undefined) return { note: undefined, losses: {} };
  const note = parseNote(spool.note, seal);
  if (note !== undefined) return { note, losses: {} };
  const { sequence } = spool.head;
  log.error("the place in the log is lost; events that are there may come once more", { sequence });
  const at = String(sequence);
  const loss = { count: 1, events: 0, bytes: spool.note.length, first: at, last: at };
  return { note, losses: { corrupt_segment: loss } };
}

function createAgentLog({ log }: Config): Log {
  return createLog({
    level: log.level,
    directory: log.directory,
    sizeBytes: log.fileSize,
    files: log.files,
    stderr: detectStderrForm(process.env),
  });
}

/** Takes what can change while running; what cannot is told, and a mistake changes nothing. */
function reload(configFile: string | undefined, running: Config, log: Log): void {
  log.reopen();
  try {
    const { config } = readConfig(configFile);
    log.setLevel(config.log.level);
    const isSame = JSON.stringify({ ...config, log: running.log }) === JSON.stringify(running);
    if (isSame) log.info("settings read again");
    else log.warn("settings read again; some wait for the next start");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.error("settings have mistakes and stay as they were", { reason: error.message });
  }
}
