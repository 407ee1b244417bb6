import { closeSync, openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { eventRecords } from "#test/support/generated-records.ts";

/** Writes events to a log at an even pace, and notes for each serial, from 1 on, when it was written. */
export async function writeEvents(
  logFile: string,
  { eventsPerSecond, seconds }: { readonly eventsPerSecond: number; readonly seconds: number },
  writtenMs: Map<number, number>,
): Promise<void> {
  const events = fc.sample(eventRecords, { seed: 1, numRuns: 2_000 });
  const fd = openSync(logFile, "a");
  const startedMs = performance.now();
  for (let serial = 1; serial <= eventsPerSecond * seconds; serial++) {
    const dueMs = startedMs + (serial * 1_000) / eventsPerSecond;
    if (dueMs > performance.now()) await sleep(1);
    const stamp = `${(Date.now() / 1_000).toFixed(3)}:${serial}`;
    const records = events[serial % events.length] ?? [];
    const lines = records.map(({ type, body }) => `type=${type} msg=audit(${stamp}): ${body}\n`);
    writtenMs.set(serial, performance.now());
    writeSync(fd, lines.join(""), null, "latin1");
  }
  closeSync(fd);
}
