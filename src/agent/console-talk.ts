import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConsoleStatus } from "#model/console.ts";
import type { Problem } from "#model/status.ts";
import { Delivery } from "#pipeline/delivery.ts";
import { askAt, readAuthority, transportSettings } from "#ship/console-access.ts";
import { DeadLetters } from "#ship/dead-letters.ts";
import { readHandedKey } from "#ship/identity.ts";
import { Transport } from "#ship/transport.ts";
import type { ConsoleLinkParts } from "./console-link.ts";
import { Enrolment } from "./enrolment.ts";

const lookMs = 1_000;

/** What there is to say to a console: who this host is, and what it has seen. */
export class ConsoleTalk {
  readonly #parts: ConsoleLinkParts;
  readonly #enrolment: Enrolment;
  #delivery: Delivery | undefined;

  constructor(parts: ConsoleLinkParts) {
    this.#parts = parts;
    const { config, host, log, tokenFile } = parts;
    this.#enrolment = new Enrolment({
      stateDirectory: config.agent.stateDirectory,
      tokenFile,
      console: { url: config.console.url, authorityPem: readAuthority(config.console.caFile) },
      host,
      log,
      handedKeyPem: readHandedKey(process.env.CREDENTIALS_DIRECTORY),
      askAt: (console, identity) => askAt(transportSettings(config.console, console, identity)),
    });
  }

  /** Runs until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const delivering: Promise<void>[] = [];
    while (!signal.aborted) {
      await this.#enrolment.tick(performance.now(), Date.now());
      if (this.#delivery === undefined && this.#enrolment.identity !== undefined) {
        this.#delivery = this.#createDelivery();
        delivering.push(this.#delivery.run(signal));
      }
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(delivering);
  }

  /** What keeps the host from being let in. */
  get problem(): Problem | undefined {
    return this.#enrolment.problem;
  }

  /** How delivery fares; `undefined` as long as no console knows this host. */
  status(timeMs: number): ConsoleStatus | undefined {
    return this.#delivery?.status(timeMs);
  }

  #createDelivery(): Delivery {
    const { config, spool, log, heartbeat } = this.#parts;
    return new Delivery({
      directory: config.spool.directory,
      spool,
      log,
      deadLetters: new DeadLetters(join(config.agent.stateDirectory, "dead-letter.ndjson")),
      identity: () => this.#enrolment.identity,
      createTransport: (identity) =>
        new Transport(transportSettings(config.console, identity, identity)),
      heartbeatMs: config.console.heartbeatInterval,
      spreadMs: config.console.retrySpread,
      heartbeat,
      random: Math.random,
    });
  }
}
