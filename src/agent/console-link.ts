import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "#base/logger.ts";
import type { Config } from "#config/settings.ts";
import type { ConsoleStatus } from "#model/console.ts";
import type { Problem } from "#model/status.ts";
import { lagOf, shedOf } from "#pipeline/delivery-lag.ts";
import { identityFile } from "#ship/identity.ts";
import { readerStart } from "#spool/place.ts";
import type { Spool } from "#spool/spool.ts";
import type { EnrolRequest, HeartbeatRequest } from "#wire/shapes.ts";
import type { ConsoleTalk } from "./console-talk.ts";

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
 * Keeps the agent in touch with its console, if it has one. What speaks TLS takes some ten megabytes:
 * it is loaded only once there is an identity, or a token for one.
 */
export class ConsoleLink {
  readonly #parts: ConsoleLinkParts;
  #talk: ConsoleTalk | undefined;

  constructor(parts: ConsoleLinkParts) {
    this.#parts = parts;
  }

  /** Runs until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#hasReason()) {
        const { ConsoleTalk: Talk } = await import("./console-talk.ts");
        this.#talk = new Talk(this.#parts);
        return await this.#talk.run(signal);
      }
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What keeps the host from being let in. */
  get problem(): Problem | undefined {
    return this.#talk?.problem;
  }

  status(timeMs: number): ConsoleStatus {
    const { spool } = this.#parts;
    const facts = { spool, cursor: readerStart, oldestMs: undefined, timeMs };
    const lag = lagOf(facts);
    const unenrolled = { state: "unenrolled", lag, rejected: 0, shed: shedOf(facts) } as const;
    return this.#talk?.status(timeMs) ?? unenrolled;
  }

  #hasReason(): boolean {
    const { config, tokenFile } = this.#parts;
    return existsSync(identityFile(config.agent.stateDirectory)) || existsSync(tokenFile);
  }
}

/** The token lies beside the settings. */
export function tokenFileBeside(configFile: string): string {
  return join(dirname(configFile), "enrolment-token");
}
