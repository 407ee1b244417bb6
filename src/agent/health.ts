import { join } from "node:path";
import type { Logger } from "#base/logger.ts";
import type { Config } from "#config/settings.ts";
import type { CanaryStatus } from "#model/canary.ts";
import type { Ledger } from "#model/ledger.ts";
import { type AgentStatus, type HealthReason, statusFileName } from "#model/status.ts";
import { sightOf, visibilityOf } from "#model/visibility.ts";
import type { Canary } from "#pipeline/canary.ts";
import type { Collector } from "#pipeline/collector.ts";
import { version } from "#product/version.ts";
import type { AuditLog } from "#sources/audit-log.ts";
import type { Spool } from "#spool/spool.ts";
import type { HeartbeatRequest } from "#wire/shapes.ts";
import type { ConsoleLink } from "./console-link.ts";
import type { Redaction } from "./create-redaction.ts";
import { SightLog } from "./sight-log.ts";
import { StatusFile } from "./status-file.ts";

/** More than this to read is more than one file of auditd's default size. */
const laggingBytes = 8 * 1_024 * 1_024;
/** A log that says nothing for so long is worth a look. */
const silentMs = 3_600_000;
/** How often the totals are logged. */
const totalsEveryMs = 600_000;

interface HealthParts {
  readonly config: Config;
  readonly collector: Collector;
  readonly spool: Spool;
  readonly source: AuditLog;
  readonly canary: Canary;
  readonly link: ConsoleLink;
  readonly redaction: Redaction;
  readonly log: Logger;
  readonly startedAt: string;
}

/** Judges how the agent fares, writes it down for `linuxguard status` and logs what changes. */
export class Health {
  readonly #parts: HealthParts;
  readonly #file: StatusFile;
  readonly #sights = new SightLog();
  #lastReadBytes = -1;
  #lastReadMs = 0;
  #totalsMs = 0;
  #reasons: readonly HealthReason[] = [];

  constructor(parts: HealthParts) {
    this.#parts = parts;
    this.#file = new StatusFile(join(parts.config.agent.runtimeDirectory, statusFileName));
  }

  /** To be called every second. */
  report(nowMs: number): void {
    const status = this.#status(nowMs);
    this.#logChanges(status.health);
    this.#file.write(status, nowMs);
    const { log } = this.#parts;
    if (this.#totalsMs === 0) this.#totalsMs = nowMs;
    if (nowMs - this.#totalsMs < totalsEveryMs) return;
    this.#totalsMs = nowMs;
    const { read, documents } = status.ledger;
    log.info("totals", { lines: read.lines, bytes: read.bytes, documents });
  }

  /** What the console is told. */
  heartbeat(): Omit<HeartbeatRequest, "sent_at" | "head" | "lag"> {
    const { canary, collector, startedAt } = this.#parts;
    const { ledger } = collector.state;
    const { state, sent, seen, missed } = canary.status;
    const visibility = visibilityOf(sightOf(ledger));
    return {
      agent_version: version,
      started_at: startedAt,
      health: [...this.#reasons],
      ledger: {
        read: ledger.read,
        in_flight: ledger.inFlight,
        fates: Object.fromEntries(
          Object.entries(ledger.fates).map(([fate, { lines, bytes }]) => [fate, { lines, bytes }]),
        ),
        documents: ledger.documents,
        losses: { ...ledger.losses },
      },
      canary: { state, sent, seen, missed },
      ...coverageOf(state),
      ...(visibility !== undefined && { visibility }),
    };
  }

  #status(nowMs: number): AgentStatus {
    const { collector, config, redaction, source, spool, startedAt } = this.#parts;
    const { ledger, access, least, spool: spoolState, problem } = collector.state;
    if (ledger.read.bytes !== this.#lastReadBytes) this.#lastReadMs = nowMs;
    this.#lastReadBytes = ledger.read.bytes;
    const { bytesBehind } = source.lag();
    const { canary } = this.#parts;
    const readBytes = ledger.read.bytes;
    canary.tick(performance.now(), { hasAccess: access === "readable", bytesBehind, readBytes });
    const reasons: HealthReason[] = [];
    if (access === "lost") reasons.push("audit_access_lost");
    if (spoolState === "refused") reasons.push("spool_refused");
    if (bytesBehind > laggingBytes) reasons.push("lagging");
    if (nowMs - this.#lastReadMs > silentMs) reasons.push("silent");
    if (canary.status.state === "missed") reasons.push("canary_missed");
    const link = this.#parts.link.status(nowMs);
    if (link.state === "cut_off") reasons.push("console_cut_off");
    else if (link.state !== "unenrolled" && link.state !== "connected") {
      reasons.push("console_refused");
    }
    const trouble = problem ?? this.#parts.link.problem;
    return {
      version,
      pid: process.pid,
      startedAt,
      updatedAt: new Date(nowMs).toISOString(),
      health: reasons,
      ...(trouble && { problem: trouble }),
      source: {
        path: config.audit.logFile,
        access,
        bytesBehind,
        lastReadAt: ledger.read.bytes === 0 ? undefined : new Date(this.#lastReadMs).toISOString(),
      },
      spool: {
        directory: config.spool.directory,
        state: spoolState,
        sizeBytes: spool.sizeBytes,
        maxBytes: config.spool.size,
        sequence: spool.head.sequence,
        documents: spool.head.documents,
        ...(least !== "low" && { shedsBelow: least }),
      },
      canary: canary.status,
      console: link,
      visibility: this.#visibility(ledger),
      ledger,
      redactedSecrets: redaction.count(),
    };
  }

  #visibility(ledger: Ledger): AgentStatus["visibility"] {
    const sight = sightOf(ledger);
    const hour = visibilityOf(this.#sights.lastHour(sight, performance.now()));
    const ever = visibilityOf(sight);
    return { ...(hour !== undefined && { hour }), ...(ever !== undefined && { ever }) };
  }

  #logChanges(reasons: readonly HealthReason[]): void {
    const { log } = this.#parts;
    for (const reason of reasons) {
      if (!this.#reasons.includes(reason)) log.warn("health got worse", { reason });
    }
    for (const reason of this.#reasons) {
      if (!reasons.includes(reason)) log.info("health got better", { reason });
    }
    this.#reasons = reasons;
  }
}

/**
 * The acts are recorded by the base tier. Whether the rules of another are loaded, an agent without
 * privilege is not told.
 */
function coverageOf(state: CanaryStatus["state"]): Pick<HeartbeatRequest, "coverage"> {
  if (state === "alive") return { coverage: { base: "live" } };
  return state === "missed" ? { coverage: { base: "blind" } } : {};
}
