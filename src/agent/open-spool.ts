import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "#base/failure.ts";
import type { Logger } from "#base/logger.ts";
import type { Config } from "#config/settings.ts";
import { type Problem, statusFileName, type WaitingStatus } from "#model/status.ts";
import { consoleReader } from "#pipeline/delivery-lag.ts";
import { version } from "#product/version.ts";
import { Spool } from "#spool/spool.ts";
import { StatusFile } from "./status-file.ts";

/** How long a spool that cannot be opened is left alone before the next try. */
const retryMs = 5_000;

interface OpenParts {
  readonly config: Config;
  readonly log: Logger;
  readonly startedAt: string;
  readonly signal: AbortSignal;
}

/**
 * Opens the spool. A disk that is full or read-only is waited for, and the status tells so meanwhile;
 * another agent is not. `undefined` if the signal comes first.
 */
export async function openSpool(parts: OpenParts): Promise<Spool | undefined> {
  const { config, log, signal } = parts;
  const status = new StatusFile(join(config.agent.runtimeDirectory, statusFileName));
  let told = "";
  while (!signal.aborted) {
    const opened = tryOpen(config);
    if (opened instanceof Spool) {
      if (told !== "") log.info("the spool can be opened now");
      return opened;
    }
    const { message, hint } = opened;
    if (message !== told) log.error("cannot open the spool", { reason: message, hint });
    told = message;
    const nowMs = Date.now();
    status.write(statusOf(opened, parts, nowMs), nowMs);
    await sleep(retryMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

function tryOpen({ console, spool }: Config): Spool | Problem {
  try {
    return Spool.open({
      directory: spool.directory,
      maxBytes: spool.size,
      segmentBytes: spool.segmentSize,
      freeFloorBytes: spool.freeFloor,
      compressionLevel: spool.compressionLevel,
      ...(console.expected && { expectedReader: consoleReader }),
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "spool.unusable") throw error;
    const { code, message, hint } = error;
    return { code, message, hint };
  }
}

function statusOf(
  problem: Problem,
  { config, startedAt }: OpenParts,
  nowMs: number,
): WaitingStatus {
  return {
    version,
    pid: process.pid,
    startedAt,
    updatedAt: new Date(nowMs).toISOString(),
    health: ["spool_unopened"],
    problem,
    spool: {
      directory: config.spool.directory,
      state: "unopened",
      maxBytes: config.spool.size,
    },
  };
}
