import { setTimeout as sleep } from "node:timers/promises";

/** How often it is looked whether a wait is over. */
const lookMs = 1_000;

/** Waits until it is over, and so long at the most, by a clock that never goes back; ends at the signal. */
export async function waitUntil(
  isOver: () => boolean,
  longestMs: number,
  signal: AbortSignal,
): Promise<void> {
  const untilMs = performance.now() + longestMs;
  while (!signal.aborted && !isOver()) {
    const restMs = untilMs - performance.now();
    if (restMs <= 0) return;
    await pause(Math.min(restMs, lookMs), signal);
  }
}

/** Waits so long, or until the signal. */
export async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  await sleep(waitMs, undefined, { signal }).catch(() => undefined);
}
