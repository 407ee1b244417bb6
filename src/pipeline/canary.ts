import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "#base/logger.ts";
import type { CanaryCause, CanaryStatus } from "#model/canary.ts";

/** How long an act may take to come back. */
const patienceMs = 30_000;
/** A mode with these is refused by the sandbox before there is a record. Source: RestrictSUIDSGID in systemd.exec(5). */
const setIdBits = 0o6000;
/** So many misses in a row are a fault. */
const missesToFault = 2;

export interface CanaryOptions {
  /** Watched by an audit rule for writes, and not writable for the agent. */
  readonly directory: string;
  readonly intervalMs: number;
  readonly log: Logger;
}

/** What is known of the way that an act takes. */
export interface CanaryWay {
  readonly hasAccess: boolean;
  readonly bytesBehind: number;
  /** Bytes of log that were ever read. */
  readonly readBytes: number;
}

/**
 * Proves, act by act, that the agent sees what happens: it asks for a directory that it may not make,
 * with a mode that nobody knows. That is refused and leaves nothing behind, but an audit rule must
 * record it, and its event must come back by kernel, auditd, log, parser and spool. The mode stands in
 * the record whatever refuses the act; of a name, the kernel tells only if no mount and no security
 * module refuses first. It takes no privilege. Times are in milliseconds of one clock that never goes
 * back.
 */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #isOff: boolean;
  /** The mode of the act that is waited for, and what the record has after it; empty if none is. */
  #nonce = "";
  #sentMs = Number.NEGATIVE_INFINITY;
  #readBytes = 0;
  #delayMs: number | undefined;
  #counts = { sent: 0, seen: 0, missed: 0 };
  #missesInRow = 0;
  #cause: CanaryCause | undefined;

  constructor(options: CanaryOptions) {
    this.#options = options;
    this.#isOff = !existsSync(options.directory);
  }

  /** To be called every second or so. */
  tick(nowMs: number, way: CanaryWay): void {
    if (this.#isOff) return;
    const waitedMs = nowMs - this.#sentMs;
    if (this.#nonce !== "" && waitedMs >= patienceMs) this.#miss(way);
    if (this.#nonce === "" && waitedMs >= this.#options.intervalMs) this.#send(nowMs, way);
  }

  /** Shows it documents that have just got into the spool. */
  see(documents: Uint8Array, nowMs: number): void {
    if (this.#nonce === "" || !asBuffer(documents).includes(this.#nonce)) return;
    this.#nonce = "";
    this.#counts.seen++;
    this.#delayMs = nowMs - this.#sentMs;
    this.#missesInRow = 0;
    this.#cause = undefined;
  }

  get status(): CanaryStatus {
    return {
      state: this.#state(),
      ...this.#counts,
      ...(this.#delayMs !== undefined && { delayMs: Math.round(this.#delayMs) }),
      ...(this.#cause && { cause: this.#cause }),
    };
  }

  #state(): CanaryStatus["state"] {
    if (this.#isOff) return "off";
    if (this.#missesInRow >= missesToFault) return "missed";
    return this.#counts.seen === 0 ? "waiting" : "alive";
  }

  #send(nowMs: number, { readBytes }: CanaryWay): void {
    const mode = randomInt(0x1000_0000, 0x8000_0000) & ~setIdBits;
    this.#nonce = `=${mode.toString(16)} a`;
    this.#sentMs = nowMs;
    this.#readBytes = readBytes;
    this.#counts.sent++;
    const path = join(this.#options.directory, ".canary");
    if (!isMade(path, mode)) return;
    rmdirSync(path);
    const { directory, log } = this.#options;
    log.error("the agent may write where it must not", { directory });
  }

  #miss(way: CanaryWay): void {
    this.#nonce = "";
    this.#counts.missed++;
    this.#missesInRow++;
    this.#cause = causeOf(way, this.#readBytes);
  }
}

/** Asks for a directory; whatever refuses it, a rule records that it was asked for. */
function isMade(path: string, mode: number): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}

function causeOf(way: CanaryWay, readBytesBefore: number): CanaryCause {
  if (!way.hasAccess) return "no_access";
  if (way.bytesBehind > 0) return "behind";
  return way.readBytes === readBytesBefore ? "no_records" : "no_rule";
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
