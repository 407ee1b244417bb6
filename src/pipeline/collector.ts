import { setImmediate as nextTurn } from "node:timers/promises";
import type { Core } from "#audit/core/core.ts";
import { AuditEngine, type EngineOptions } from "#audit/engine.ts";
import { Failure } from "#base/failure.ts";
import type { Logger } from "#base/logger.ts";
import type { Ledger, LossEntry, LossReason } from "#model/ledger.ts";
import type { Severity } from "#model/severity.ts";
import type { Problem } from "#model/status.ts";
import type { AuditLog, SourceItem } from "#sources/audit-log.ts";
import type { LogPosition } from "#sources/position.ts";
import type { Spool } from "#spool/spool.ts";
import { admit, leastSeverity, pressedShare } from "./admission.ts";
import { BatchBuffer } from "./batch-buffer.ts";
import type { Canary } from "./canary.ts";
import { renderGap } from "./gap-document.ts";
import { addLosses, type Note, renderNote } from "./note.ts";
import type { Seal } from "./seal.ts";

/** What a collector works with. */
export interface CollectorParts {
  readonly core: Core;
  readonly engine: EngineOptions;
  readonly source: AuditLog;
  readonly spool: Spool;
  readonly log: Logger;
  /** Where an earlier process was; it goes on from there. */
  readonly note: Note | undefined;
  /** For log in flight, whose secrets are not replaced yet. */
  readonly seal?: Seal | undefined;
  /** What was lost before this process began and stands in no note. */
  readonly losses: Ledger["losses"];
  /** Milliseconds that never go back, for waits. */
  readonly clock: () => number;
  /** Looks for its acts in what gets into the spool. */
  readonly canary?: Canary;
}

/** When documents go to the spool. */
export interface FlushSettings {
  /** Longest time that a document waits. */
  readonly intervalMs: number;
  /** Bytes of documents that do not wait. */
  readonly sizeBytes: number;
}

/** How it stands, for health and status. */
export interface CollectorState {
  readonly ledger: Ledger;
  readonly access: "readable" | "lost";
  /** Whether the last batch could be written. */
  readonly spool: "writable" | "refused";
  /** Why the last batch could not be written. */
  readonly problem: Problem | undefined;
  readonly position: LogPosition | undefined;
  /** Events below this severity are shed, as the spool is nearly full of undelivered ones. */
  readonly least: Severity;
}

/** How often events are looked through for those whose time is over. */
const pollMs = 250;
/** How often a quiet log is looked at, as a watch may miss something; usually it tells at once. */
const quietPollMs = 1_000;
/** How long a spool that refuses is left alone. */
const retryMs = 1_000;
/** Documents that wait for a spool that refuses; beyond that, the log itself is left to wait. */
const waitingBytes = 8 * 1_024 * 1_024;

/**
 * Takes bytes from the log to sealed batches in the spool. Documents, the place in the log, what is
 * in flight and the ledger are committed together, so that after any stop nothing is missing and
 * nothing comes twice.
 */
export class Collector {
  readonly #parts: CollectorParts;
  readonly #flush: FlushSettings;
  readonly #engine: AuditEngine;
  readonly #batch = new BatchBuffer();
  #position: LogPosition | undefined;
  #firstWaitsSinceMs = 0;
  #retryAtMs = 0;
  #isDirty = false;
  #isQuiet = false;
  /** A loss was counted, and the place behind it is not known yet: nothing may be committed. */
  #isInGap = false;
  #access: CollectorState["access"] = "readable";
  /** Why the spool refuses; `undefined` while it takes batches. */
  #problem: Problem | undefined;
  #least: Severity = "low";
  /** Documents that were appended besides those that the engine made, less those of it that were shed. */
  #besides: number;
  /** Losses that earlier processes counted, and those of the source. */
  #losses: Partial<Record<LossReason, LossEntry>>;

  constructor(parts: CollectorParts, flush: FlushSettings) {
    this.#parts = parts;
    this.#flush = flush;
    this.#engine = new AuditEngine(parts.core, parts.engine, (documents, count) => {
      this.#take(documents, count);
    });
    this.#position = parts.note?.position;
    this.#losses = addLosses(parts.note?.ledger.losses ?? {}, parts.losses);
    // What the spool found when it was opened stands in no note either.
    this.#isDirty = Object.keys({ ...parts.losses, ...parts.spool.losses }).length > 0;
    this.#besides = 0;
    this.#weighSpool();
    if (parts.note === undefined) return;
    this.#besides = parts.note.ledger.documents - parts.note.engine.books.documents;
    this.#engine.restore(parts.note.engine, parts.clock());
  }

  get state(): CollectorState {
    return {
      ledger: this.ledger(),
      access: this.#access,
      spool: this.#problem === undefined ? "writable" : "refused",
      problem: this.#problem,
      position: this.#position,
      least: this.#least,
    };
  }

  /** Collects until the signal, then writes what is at hand. What is in flight stays in the note. */
  async run(signal: AbortSignal): Promise<void> {
    const { source } = this.#parts;
    this.#write();
    while (!signal.aborted || this.#isInGap) {
      const item = this.#mayRead() ? source.read() : undefined;
      if (item !== undefined) this.#handle(item);
      else this.#idle();
      this.#writeIfDue();
      if (item === undefined) await source.wait(this.#waitMs(), signal);
      else await nextTurn();
    }
    this.#write();
  }

  /** Everything that was ever read, delivered or lost, by this process and those before it. */
  ledger(): Ledger {
    const ledger = this.#engine.ledger();
    return {
      ...ledger,
      documents: ledger.documents + this.#besides,
      losses: addLosses(addLosses(this.#losses, ledger.losses), this.#parts.spool.losses),
    };
  }

  #mayRead(): boolean {
    return this.#isInGap || this.#batch.sizeBytes < waitingBytes;
  }

  #idle(): void {
    this.#isInGap = false;
    this.#engine.tick(this.#parts.clock());
    // Where all is shed no batch is written, after which it would be found out.
    if (this.#least !== "low") this.#weighSpool();
    this.#isQuiet = this.#engine.ledger().inFlight.lines === 0;
  }

  #handle(item: SourceItem): void {
    const nowMs = this.#parts.clock();
    switch (item.kind) {
      case "bytes":
        this.#engine.push(item.bytes, nowMs);
        this.#moveTo(item.position);
        return;
      case "boundary":
        this.#engine.endFile(nowMs);
        this.#moveTo(item.position);
        return;
      case "gap":
        this.#countGap(item);
        return;
      case "access":
        this.#access = item.state === "lost" ? "lost" : "readable";
        return;
      default:
        item satisfies never;
    }
  }

  #moveTo(position: LogPosition): void {
    this.#position = position;
    this.#isDirty = true;
    this.#isInGap = false;
  }

  /** Log that was lost before it was read: counted, and told in a document of its own. */
  #countGap({ reason, lostBytes }: Extract<SourceItem, { kind: "gap" }>): void {
    const at = this.#engine.lastStamp;
    const loss = { count: 1, events: 0, bytes: lostBytes ?? 0, first: at, last: at };
    this.#losses = addLosses(this.#losses, { [reason]: loss });
    const { hostKey, envelope } = this.#parts.engine;
    const total = this.#losses[reason] ?? loss;
    this.#add(renderGap(reason, total, { hostKey, envelope, timeMs: Date.now() }), 1);
    this.#besides++;
    this.#isInGap = true;
    this.#parts.log.error("audit log was lost before it was read", { reason, after: at });
  }

  #take(documents: Uint8Array, count: number): void {
    if (this.#least === "low") {
      this.#add(documents, count);
      return;
    }
    const shed = admit(documents, this.#least, (document) => this.#add(document, 1));
    if (shed === undefined) return;
    this.#losses = addLosses(this.#losses, { spool_pressed: shed });
    this.#besides -= shed.events;
    this.#isDirty = true;
  }

  #add(documents: Uint8Array, count: number): void {
    if (this.#batch.count === 0) this.#firstWaitsSinceMs = this.#parts.clock();
    this.#batch.add(documents, count);
  }

  #waitMs(): number {
    const nowMs = this.#parts.clock();
    if (this.#batch.count === 0) return this.#isQuiet ? quietPollMs : pollMs;
    const dueMs = Math.max(this.#firstWaitsSinceMs + this.#flush.intervalMs, this.#retryAtMs);
    return Math.min(Math.max(dueMs - nowMs, 1), pollMs);
  }

  #writeIfDue(): void {
    const nowMs = this.#parts.clock();
    if (nowMs < this.#retryAtMs || this.#batch.count === 0 || this.#isInGap) return;
    const isLate = nowMs - this.#firstWaitsSinceMs >= this.#flush.intervalMs;
    if (isLate || this.#batch.sizeBytes >= Math.min(this.#flush.sizeBytes, waitingBytes))
      this.#write();
  }

  /** Appends the batch; a spool that refuses gets the same documents again later. */
  #write(): void {
    if (this.#batch.count === 0 && !this.#isDirty) return;
    const note = { position: this.#position, engine: this.#engine.state(), ledger: this.ledger() };
    const timeRange = this.#batch.timeRange();
    try {
      this.#parts.spool.append({
        documents: this.#batch.documents(),
        count: this.#batch.count,
        note: renderNote(note, this.#parts.seal),
        ...(timeRange && { timeRange }),
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#retryAtMs = this.#parts.clock() + retryMs;
      const { code, message, hint } = error;
      if (this.#problem === undefined) {
        this.#parts.log.error("cannot write to the spool", { reason: message, hint });
      }
      this.#problem = { code, message, hint };
      return;
    }
    if (this.#problem !== undefined) this.#parts.log.info("the spool takes batches again");
    this.#problem = undefined;
    this.#parts.canary?.see(this.#batch.documents(), this.#parts.clock());
    this.#batch.clear();
    this.#isDirty = false;
    this.#weighSpool();
  }

  /** Finds out how severe an event must be to be taken: what a reader has not read fills the budget. */
  #weighSpool(): void {
    const { log, spool } = this.#parts;
    const before = this.#least;
    this.#least = leastSeverity(spool.unreadShare(pressedShare));
    if (this.#least === before) return;
    const fields = { sizeBytes: spool.sizeBytes, least: this.#least };
    if (this.#least === "low") log.info("the spool takes events of every severity again", fields);
    else log.warn("spool nearly full of undelivered events: the least severe are shed", fields);
  }
}
