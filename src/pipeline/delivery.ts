import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "#base/logger.ts";
import type { ConsoleState, ConsoleStatus } from "#model/console.ts";
import type { LossEntry } from "#model/ledger.ts";
import { backoffMs } from "#ship/backoff.ts";
import type { DeadLetters } from "#ship/dead-letters.ts";
import type { Identity } from "#ship/identity.ts";
import { type OutgoingBatch, Shipper } from "#ship/shipper.ts";
import type { Transport } from "#ship/transport.ts";
import { readCursor, writeCursor } from "#spool/cursor.ts";
import { type Cursor, origin } from "#spool/place.ts";
import type { Spool } from "#spool/spool.ts";
import type { Batch } from "#spool/walk.ts";
import { decode } from "#wire/decode.ts";
import { operations } from "#wire/operations.ts";
import type { HeartbeatRequest } from "#wire/shapes.ts";
import { classOfStatus } from "#wire/statuses.ts";

/** The reader of the spool that delivers to the console. */
const consoleReader = "console";

/** How often it is looked for an identity, where there is none. */
const lookMs = 1_000;
/** How long a console that does not let us in is left alone: somebody must act first. */
const refusedMs = 300_000;
/** How often the batches that come are looked for, where no watch tells. */
const pollMs = 1_000;

export interface DeliveryParts {
  readonly directory: string;
  readonly spool: Spool;
  readonly log: Logger;
  readonly deadLetters: DeadLetters;
  readonly identity: () => Identity | undefined;
  readonly createTransport: (identity: Identity) => Transport;
  readonly heartbeatMs: number;
  /** What a heartbeat says besides what delivery itself knows. */
  readonly heartbeat: () => Omit<HeartbeatRequest, "sent_at" | "head" | "lag">;
  readonly random: () => number;
}

/**
 * Takes batches from the spool to the console, the oldest first and one at a time. The console's answer
 * alone moves on; until then a batch stays where it is. All waits are of a clock that never goes back.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  /** From the very first batch on, so that what the spool dropped before it was delivered is counted. */
  #cursor: Cursor;
  #state: ConsoleState = "unenrolled";
  #reason: string | undefined;
  #failures = 0;
  #rejected = 0;
  #acknowledgedMs: number | undefined;
  /** The identity in use, and what speaks under it. */
  #line:
    | { readonly identity: Identity; readonly transport: Transport; readonly shipper: Shipper }
    | undefined;
  #oldestMs: number | undefined;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#cursor = readCursor(parts.directory, consoleReader) ?? { ...origin, losses: {} };
  }

  /** Delivers until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const beats = this.#beat(signal);
    const reader = this.#parts.spool.reader();
    try {
      for await (const batch of reader.follow(this.#cursor, { signal, pollMs })) {
        this.#oldestMs = batch.timeRange?.firstMs;
        await this.#deliver(batch, signal);
        if (signal.aborted) return;
        this.#oldestMs = undefined;
      }
    } finally {
      await beats;
      this.#line?.transport.close();
    }
  }

  status(timeMs: number): ConsoleStatus {
    const { identity } = this.#line ?? {};
    return {
      state: this.#state,
      ...(identity && {
        agentId: identity.agentId,
        url: identity.url,
        notAfter: new Date(identity.notAfterMs).toISOString(),
      }),
      ...(this.#reason !== undefined && { reason: this.#reason }),
      lag: this.#lag(timeMs),
      ...(this.#acknowledgedMs !== undefined && {
        acknowledgedAt: new Date(this.#acknowledgedMs).toISOString(),
      }),
      rejected: this.#rejected,
      shed: this.#shed().events,
    };
  }

  async #deliver(batch: Batch, signal: AbortSignal): Promise<void> {
    const outgoing = outgoingOf(batch);
    while (!signal.aborted) {
      const line = this.#connect();
      if (line === undefined) {
        await pause(lookMs, signal);
        continue;
      }
      const shipment = await line.shipper.send(outgoing, signal);
      if (signal.aborted) return;
      if (shipment.kind === "delivered") {
        this.#acknowledge(batch, shipment.rejected);
        return;
      }
      if (shipment.kind === "auth") {
        this.#turn(stateOfCode(shipment.code), shipment.code);
        await this.#waitForIdentity(refusedMs, signal);
        continue;
      }
      this.#failures++;
      this.#turn(shipment.why === "untrusted" ? "untrusted" : "cut_off", shipment.why);
      await pause(shipment.afterMs ?? backoffMs(this.#failures, this.#parts.random()), signal);
    }
  }

  #acknowledge({ cursor }: Batch, rejected: readonly string[]): void {
    const { deadLetters, directory, log } = this.#parts;
    for (const line of rejected) deadLetters.add(line);
    if (rejected.length > 0) log.error("the console refused events", { events: rejected.length });
    this.#rejected += rejected.length;
    writeCursor(directory, consoleReader, cursor);
    this.#cursor = cursor;
    this.#acknowledgedMs = Date.now();
    this.#failures = 0;
    this.#turn("connected", undefined);
  }

  /** What speaks to the console under the identity of now; a new identity takes the place of the old. */
  #connect() {
    const identity = this.#parts.identity();
    if (identity === this.#line?.identity) return this.#line;
    this.#line?.transport.close();
    this.#line = undefined;
    if (identity === undefined) return undefined;
    const transport = this.#parts.createTransport(identity);
    this.#line = { identity, transport, shipper: new Shipper(transport) };
    return this.#line;
  }

  async #waitForIdentity(longestMs: number, signal: AbortSignal): Promise<void> {
    const untilMs = performance.now() + longestMs;
    while (performance.now() < untilMs && !signal.aborted) {
      if (this.#parts.identity() !== this.#line?.identity) return;
      await pause(lookMs, signal);
    }
  }

  #turn(state: ConsoleState, reason: string | undefined): void {
    if (state !== this.#state || reason !== this.#reason) {
      const { log } = this.#parts;
      if (state === "connected") log.info("the console takes events");
      else log.warn("the console takes no events", { state, reason: reason ?? "" });
    }
    this.#state = state;
    this.#reason = reason;
  }

  async #beat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const transport = this.#connect()?.transport;
      if (transport !== undefined) await this.#sendHeartbeat(transport, signal);
      await pause(transport === undefined ? lookMs : this.#parts.heartbeatMs, signal);
    }
  }

  async #sendHeartbeat(transport: Transport, signal: AbortSignal): Promise<void> {
    const { sequence, hash } = this.#parts.spool.head;
    const nowMs = Date.now();
    const { ledger, ...rest } = this.#parts.heartbeat();
    const shed = this.#shed();
    const losses = shed.count === 0 ? ledger.losses : { ...ledger.losses, shed };
    const message: HeartbeatRequest = {
      ...rest,
      ledger: { ...ledger, losses },
      sent_at: new Date(nowMs).toISOString(),
      head: { sequence, hash },
      lag: this.#lag(nowMs),
    };
    const { path, answer } = operations.heartbeat;
    const outcome = await transport.post({ path, body: JSON.stringify(message) }, signal);
    if (outcome.kind === "failed") return;
    const isTaken = classOfStatus(outcome.status) === "acknowledged";
    if (isTaken && decode(answer, outcome.text).kind === "decoded" && this.#failures === 0) {
      this.#turn("connected", undefined);
    }
  }

  /** What the spool dropped or lost before it could be delivered. */
  #shed(): LossEntry {
    const [first, ...others] = Object.values(this.#cursor.losses);
    if (first === undefined) return { count: 0, events: 0, bytes: 0, first: "none", last: "none" };
    return others.reduce(
      (sum, loss) => ({
        count: sum.count + loss.count,
        events: sum.events + loss.events,
        bytes: sum.bytes + loss.bytes,
        first: sum.first,
        last: loss.last,
      }),
      first,
    );
  }

  #lag(timeMs: number): ConsoleStatus["lag"] {
    const { spool } = this.#parts;
    const events = Math.max(spool.head.documents - this.#cursor.documents, 0);
    const share = spool.head.documents === 0 ? 0 : events / spool.head.documents;
    const oldestMs = events === 0 ? undefined : this.#oldestMs;
    return {
      events,
      bytes: Math.round(Math.min(share, 1) * spool.sizeBytes),
      seconds: oldestMs === undefined ? 0 : Math.max(Math.round((timeMs - oldestMs) / 1_000), 0),
    };
  }
}

function outgoingOf(batch: Batch): OutgoingBatch {
  const { sequence, hash, previousHash, count, body } = batch;
  const { header, noteHash } = batch.seal();
  return {
    sequence,
    hash,
    previousHash,
    count,
    seal: Buffer.from(header).toString("base64"),
    noteHash,
    body,
    documents: () => batch.documents(),
  };
}

function stateOfCode(code: string): ConsoleState {
  if (code.endsWith("expired")) return "expired";
  return code.endsWith("revoked") ? "revoked" : "refused";
}

async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  await sleep(waitMs, undefined, { signal }).catch(() => undefined);
}
