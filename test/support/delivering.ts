import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "#base/failure.ts";
import type { Logger } from "#base/logger.ts";
import type { ConsoleStatus } from "#model/console.ts";
import { Delivery, type DeliveryParts } from "#pipeline/delivery.ts";
import { DeadLetters } from "#ship/dead-letters.ts";
import type { Identity } from "#ship/identity.ts";
import { Transport } from "#ship/transport.ts";
import { Spool, type SpoolSettings } from "#spool/spool.ts";
import { documentsOf } from "#test/support/console/batches.ts";
import { enrol } from "#test/support/console/raw-client.ts";

const dayMs = 86_400_000;
const lines = { lines: 0, bytes: 0 };

/** Has a console let a host in; gives the identity as an agent keeps it. */
export async function enrolled(console: {
  readonly url: string;
  readonly ca: string;
  issueToken(): string;
}): Promise<Identity> {
  const { agentId, cert, key } = await enrol(console, console.issueToken());
  return {
    agentId,
    url: console.url,
    certificatePem: cert,
    keyPem: key,
    authorityPem: console.ca,
    renewAfterMs: Date.now() + 60 * dayMs,
    notAfterMs: Date.now() + 90 * dayMs,
  };
}

/** A spool that numbered events are put into, and what delivers them. */
export class Delivering {
  readonly spool: Spool;
  readonly deadLetterFile: string;
  readonly messages: string[] = [];
  identity: Identity | undefined;
  readonly #directory: string;
  #stop = new AbortController();
  #delivery: Delivery | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(folder: string, identity: Identity | undefined, settings?: Partial<SpoolSettings>) {
    this.identity = identity;
    this.deadLetterFile = join(folder, "dead-letter.ndjson");
    this.#directory = join(folder, "spool");
    this.spool = Spool.open({
      directory: this.#directory,
      maxBytes: 64 * 1_048_576,
      segmentBytes: 65_536,
      freeFloorBytes: 0,
      compressionLevel: 1,
      ...settings,
    });
  }

  /** Puts the next so many events into the spool, as one batch. */
  append(count: number): void {
    const from = this.spool.head.documents;
    const timeRange = { firstMs: Date.now(), lastMs: Date.now() };
    const note = Buffer.from("note");
    this.spool.append({ documents: documentsOf(from, from + count), count, note, timeRange });
  }

  /** The same; what a full disk refuses is left, as the log itself waits then. */
  tryAppend(count: number): void {
    try {
      this.append(count);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }

  /** Begins to deliver, with hardly a wait after a failure. */
  start(more: Partial<DeliveryParts> = {}): void {
    this.#stop = new AbortController();
    this.#delivery = new Delivery({
      directory: this.#directory,
      spool: this.spool,
      log: recording(this.messages),
      deadLetters: new DeadLetters(this.deadLetterFile),
      identity: () => this.identity,
      createTransport: ({ url, authorityPem, certificatePem, keyPem }) =>
        new Transport({
          url,
          authorityPem,
          certificatePem,
          keyPem,
          minVersion: "TLSv1.3",
          pins: [],
          deadlineMs: 1_000,
        }),
      heartbeatMs: 200,
      spreadMs: 0,
      heartbeat: () => ({
        agent_version: "0.0.0",
        started_at: new Date(0).toISOString(),
        health: [],
        ledger: {
          read: lines,
          in_flight: lines,
          fates: {},
          documents: this.spool.head.documents,
          losses: { ...this.spool.losses },
        },
        canary: { state: "off", sent: 0, seen: 0, missed: 0 },
      }),
      random: Math.random,
      ...more,
    });
    this.#running = this.#delivery.run(this.#stop.signal);
  }

  get status(): ConsoleStatus {
    if (this.#delivery === undefined) throw new Error("Nothing is delivered yet");
    return this.#delivery.status(Date.now());
  }

  /** Waits until the status is as wanted. */
  async until(what: string, holds: (status: ConsoleStatus) => boolean): Promise<ConsoleStatus> {
    for (let tries = 0; tries < 3_000; tries++) {
      if (holds(this.status)) return this.status;
      await Promise.race([sleep(20), this.#running]);
    }
    throw new Error(`Waited a minute in vain for ${what}: ${JSON.stringify(this.status)}`);
  }

  /** Waits until the console has all. */
  async untilDelivered(): Promise<ConsoleStatus> {
    return await this.until("all delivered", ({ state, lag }) => {
      return state === "connected" && lag.events === 0;
    });
  }

  /** Ends delivery; the spool stays open. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.spool.close();
  }
}

function recording(messages: string[]): Logger {
  const note = (message: string, fields: object = {}) => {
    messages.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { error: note, warn: note, info: note, debug: note };
}
