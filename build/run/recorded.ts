import { appendFileSync, globSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const eventsPerSecond = 20;

/** Replays recorded logs of real hosts into a file that grows, event by event, until all is told. */
export async function replayRecorded(logFile: string, signal: AbortSignal): Promise<void> {
  for (const recorded of globSync("test/fixtures/*/audit.log").toSorted()) {
    for (const event of splitEvents(readFileSync(recorded))) {
      if (signal.aborted) return;
      appendFileSync(logFile, event);
      await sleep(1_000 / eventsPerSecond, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Splits a log where the stamp changes from one line to the next. */
function* splitEvents(log: Buffer): Generator<Buffer> {
  let start = 0;
  let stamp = "";
  for (let at = 0; at < log.length; ) {
    const end = log.indexOf("\n", at) + 1 || log.length;
    const next = /audit\([^)]*\)/.exec(log.toString("latin1", at, end))?.[0] ?? stamp;
    if (next !== stamp && at > start) {
      yield log.subarray(start, at);
      start = at;
    }
    stamp = next;
    at = end;
  }
  if (start < log.length) yield log.subarray(start);
}
