import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "#base/logger.ts";
import type { Config } from "#config/settings.ts";
import type { ConsoleStatus } from "#model/console.ts";
import type { Problem } from "#model/status.ts";
import type { Delivery } from "#pipeline/delivery.ts";
import { askAt, readAuthority, transportSettings } from "#ship/console-access.ts";
import type { ConsoleAddress } from "#ship/enrol.ts";
import { type Identity, readHandedKey } from "#ship/identity.ts";
import type { Spool } from "#spool/spool.ts";
import type { EnrolRequest, HeartbeatRequest } from "#wire/shapes.ts";
import { Enrolment } from "./enrolment.ts";

const lookMs = 1_000;

export interface ConsoleLinkParts {
  readonly config: Config;
  readonly spool: Spool;
  readonly log: Logger;
  readonly host: EnrolRequest["host"];
  /** Where a token may lie. */
  readonly tokenFile: string;
  readonly heartbeat: () => Omit<HeartbeatRequest, "sent_at" | "head" | "lag">;
}

/**
 * Keeps the agent in touch with its console: identity and delivery. What speaks TLS is loaded only once
 * there is a console to speak to.
 */
export class ConsoleLink {
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
        this.#delivery = await this.#createDelivery();
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

  status(timeMs: number): ConsoleStatus {
    if (this.#delivery !== undefined) return this.#delivery.status(timeMs);
    const { head, sizeBytes } = this.#parts.spool;
    return {
      state: "unenrolled",
      lag: { events: head.documents, bytes: sizeBytes, seconds: 0 },
      rejected: 0,
      shed: 0,
    };
  }

  async #createDelivery(): Promise<Delivery> {
    const { config, spool, log, heartbeat } = this.#parts;
    const [{ Delivery: Delivering }, { Transport: Speaking }, { DeadLetters }] = await Promise.all([
      import("#pipeline/delivery.ts"),
      import("#ship/transport.ts"),
      import("#ship/dead-letters.ts"),
    ]);
    return new Delivering({
      directory: config.spool.directory,
      spool,
      log,
      deadLetters: new DeadLetters(join(config.agent.stateDirectory, "dead-letter.ndjson")),
      identity: () => this.#enrolment.identity,
      createTransport: (identity) =>
        new Speaking(transportSettings(config.console, addressOf(identity), identity)),
      heartbeatMs: config.console.heartbeatInterval,
      heartbeat,
      random: Math.random,
    });
  }
}

/** The token lies beside the settings. */
export function tokenFileBeside(configFile: string): string {
  return join(dirname(configFile), "enrolment-token");
}

function addressOf({ url, authorityPem }: Identity): ConsoleAddress {
  return { url, authorityPem };
}
