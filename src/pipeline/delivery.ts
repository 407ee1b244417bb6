import { Failure } from "#base/failure.ts";
import type { Logger } from "#base/logger.ts";
import type { ConsoleState, ConsoleStatus } from "#model/console.ts";
import { backoffMs } from "#ship/backoff.ts";
import type { DeadLetters } from "#ship/dead-letters.ts";
import type { Identity } from "#ship/identity.ts";
import { type Shipment, Shipper } from "#ship/shipper.ts";
import type { Outcome, Transport } from "#ship/transport.ts";
import { readCursor } from "#spool/cursor.ts";
import { type Cursor, readerStart } from "#spool/place.ts";
import type { Spool } from "#spool/spool.ts";
import type { Batch } from "#spool/walk.ts";
import { operations } from "#wire/operations.ts";
import type { HeartbeatRequest } from "#wire/shapes.ts";
import { outgoingOf } from "./delivery-batch.ts";
import { consoleReader, lagOf, shedOf } from "./delivery-lag.ts";
import { judgeHeartbeat, stateOfFailure, stateOfRefusal, withShed } from "./delivery-state.ts";
import { pause, waitUntil } from "./wait-until.ts";

/** How often it is looked for an identity, where there is none, and for a spool that cannot be read. */
const lookMs = 1_000;
/** How often it is noted on disk what was delivered. A sync for each batch would take most of the time. */
const saveMs = 1_000;
/** How long a console that does not let us in is left alone: somebody must act first. */
const refusedMs = 300_000;
/** How often the batches that come are looked for, where no watch tells. */
const pollMs = 1_000;
/** A clock that is off by less is of no interest. */
const skewMs = 60_000;

export interface DeliveryParts {
  readonly directory: string;
  readonly spool: Spool;
  readonly log: Logger;
  readonly deadLetters: DeadLetters;
  readonly identity: () => Identity | undefined;
  readonly createTransport: (identity: Identity) => Transport;
  readonly heartbeatMs: number;
  /** The longest that it is waited, at random, before a console that is gone is tried again. */
  readonly spreadMs: number;
  /** What a heartbeat says besides what delivery itself knows. */
  readonly heartbeat: () => Omit<HeartbeatRequest, "sent_at" | "head" | "lag">;
  readonly random: () => number;
}

/** The identity in use, and what speaks under it. */
interface Line {
  readonly identity: Identity;
  readonly transport: Transport;
  readonly shipper: Shipper;
}

/**
 * Takes batches from the spool to the console, the oldest first and one at a time. The console's answer
 * alone moves on; until then a batch stays where it is. All waits are of a clock that never goes back.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  #cursor: Cursor;
  #state: ConsoleState = "unenrolled";
  #reason: string | undefined;
  #failures = 0;
  /** Whether the console did not let us in, so that no batch is sent for a while. */
  #isLeftAlone = false;
  #rejected = 0;
  #acknowledgedMs: number | undefined;
  #line: Line | undefined;
  #oldestMs: number | undefined;
  #skewMs = 0;
  /** What could not be done with the disk, as long as it cannot. */
  #diskProblem = "";

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#cursor = readCursor(parts.directory, consoleReader) ?? readerStart;
  }

  /** Delivers until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await Promise.all([this.#deliverAll(signal), this.#beat(signal), this.#keepPlace(signal)]);
    } finally {
      this.#line?.transport.close();
    }
  }

  status(timeMs: number): ConsoleStatus {
    const { spool } = this.#parts;
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
      shed: shedOf({ spool, cursor: this.#cursor }),
      ...(Math.abs(this.#skewMs) >= skewMs && { skewSeconds: Math.round(this.#skewMs / 1_000) }),
    };
  }

  async #deliverAll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#deliverOn(signal);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        this.#tellDisk("cannot read the spool", error.message);
        await pause(lookMs, signal);
      }
    }
  }

  /** Goes on from the last batch that the console took; ends when the spool sheds what is at hand. */
  async #deliverOn(signal: AbortSignal): Promise<void> {
    const { spool } = this.#parts;
    for await (const batch of spool.reader().follow(this.#cursor, { signal, pollMs })) {
      this.#oldestMs = batch.timeRange?.firstMs;
      if (!(await this.#deliver(batch, signal))) return;
      this.#oldestMs = undefined;
    }
  }

  /** Sends a batch until the console has it; false if the spool shed it, or it was carried there. */
  async #deliver(batch: Batch, signal: AbortSignal): Promise<boolean> {
    const { identity, spool } = this.#parts;
    const outgoing = outgoingOf(batch);
    while (!signal.aborted) {
      // The spool has counted it as lost: it must not come after all.
      if (batch.sequence <= spool.oldest.sequence) return false;
      const line = this.#connect();
      if (line === undefined) {
        await pause(lookMs, signal);
        continue;
      }
      const shipment = await line.shipper.send(outgoing, signal);
      if (signal.aborted) return false;
      if (shipment.kind === "delivered") {
        this.#acknowledge(batch, shipment.rejected);
        return true;
      }
      // What was sent under an identity that is not ours any more says nothing.
      if (identity() === line.identity) await this.#wait(shipment, line, signal);
      if (this.#cursor.sequence >= batch.sequence) return false;
    }
    return false;
  }

  async #wait(
    shipment: Exclude<Shipment, { kind: "delivered" }>,
    { identity }: Line,
    signal: AbortSignal,
  ): Promise<void> {
    this.#failures++;
    if (shipment.kind === "auth") {
      this.#turn(stateOfRefusal(shipment.code, identity, Date.now()), shipment.code);
      await this.#waitForIdentity(identity, signal);
      return;
    }
    const { random, spreadMs } = this.#parts;
    this.#turn(stateOfFailure(shipment.why), shipment.why);
    const isOver = () => this.#parts.identity() !== identity || this.#isCarried();
    await waitUntil(isOver, shipment.afterMs ?? backoffMs(random(), spreadMs), signal);
  }

  #acknowledge({ cursor }: Batch, rejected: readonly string[]): void {
    const { deadLetters, log, spool } = this.#parts;
    this.#rejected += rejected.length;
    if (rejected.length > 0) log.error("the console refused events", { events: rejected.length });
    this.#cursor = cursor;
    this.#acknowledgedMs = Date.now();
    this.#failures = 0;
    this.#turn("connected", undefined);
    try {
      const dropped = rejected.length > 0 ? deadLetters.add(rejected) : 0;
      if (dropped > 0) log.warn("refused events are kept no longer", { events: dropped });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#tellDisk("cannot keep what the console refused", error.message);
    }
    spool.advance(consoleReader, cursor);
  }

  /** Notes on disk what was delivered: after a crash the last second is sent again, and the console knows it. */
  async #keepPlace(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(saveMs, signal);
      try {
        this.#parts.spool.saveCursors();
        this.#diskProblem = "";
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        this.#tellDisk("cannot note what was delivered", error.message);
      }
    }
  }

  /** Goes on behind what was carried to the console by hand, once its receipt was brought. */
  #isCarried(): boolean {
    const { directory, spool } = this.#parts;
    const carried = readCursor(directory, consoleReader);
    if (carried === undefined || carried.sequence <= this.#cursor.sequence) return false;
    this.#cursor = carried;
    spool.advance(consoleReader, carried);
    return true;
  }

  /** What speaks to the console under the identity of now; a new identity takes the place of the old. */
  #connect(): Line | undefined {
    const identity = this.#parts.identity();
    if (identity === this.#line?.identity) return this.#line;
    this.#line?.transport.close();
    this.#line = undefined;
    if (identity === undefined) return undefined;
    const { directory, spool } = this.#parts;
    // From now on somebody lacks what the spool sheds, even if nothing is ever delivered.
    if (readCursor(directory, consoleReader) === undefined) {
      spool.advance(consoleReader, this.#cursor);
    }
    const transport = this.#parts.createTransport(identity);
    this.#line = { identity, transport, shipper: new Shipper(transport) };
    return this.#line;
  }

  /** Waits for another identity than that which was refused, or for a heartbeat that the console takes. */
  async #waitForIdentity(refused: Identity, signal: AbortSignal): Promise<void> {
    this.#isLeftAlone = true;
    const isOver = () => this.#parts.identity() !== refused || this.#failures === 0;
    await waitUntil(isOver, refusedMs, signal);
    this.#isLeftAlone = false;
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

  #tellDisk(message: string, reason: string): void {
    if (this.#diskProblem !== reason) this.#parts.log.error(message, { reason });
    this.#diskProblem = reason;
  }

  async #beat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const line = this.#connect();
      if (line !== undefined) await this.#sendHeartbeat(line, signal);
      const isOver = () => this.#parts.identity() !== line?.identity;
      await waitUntil(isOver, this.#parts.heartbeatMs, signal);
    }
  }

  async #sendHeartbeat(line: Line, signal: AbortSignal): Promise<void> {
    const { sequence, hash } = this.#parts.spool.head;
    const nowMs = Date.now();
    const { ledger, ...rest } = this.#parts.heartbeat();
    const message: HeartbeatRequest = {
      ...rest,
      ledger: { ...ledger, losses: withShed(ledger.losses, this.#cursor) },
      sent_at: new Date(nowMs).toISOString(),
      head: { sequence, hash },
      lag: this.#lag(nowMs),
    };
    const { path } = operations.heartbeat;
    const outcome = await line.transport.post({ path, body: JSON.stringify(message) }, signal);
    if (!signal.aborted && this.#parts.identity() === line.identity) this.#hear(outcome, line);
  }

  /** As long as batches fail, they say how it stands; but who is not let in sends none. */
  #hear(outcome: Outcome, { identity }: Line): void {
    const heard = judgeHeartbeat(outcome, identity, Date.now());
    if (heard === undefined) return;
    if (heard.skewMs !== undefined) this.#skewMs = heard.skewMs;
    if (this.#isLeftAlone && heard.state === "connected") this.#failures = 0;
    if (this.#isLeftAlone || this.#failures === 0) this.#turn(heard.state, heard.reason);
  }

  #lag(timeMs: number): ConsoleStatus["lag"] {
    const { spool } = this.#parts;
    return lagOf({ spool, cursor: this.#cursor, oldestMs: this.#oldestMs, timeMs });
  }
}
