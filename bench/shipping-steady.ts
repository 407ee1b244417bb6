import { chmodSync, closeSync, copyFileSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { zstdDecompressSync } from "node:zlib";
import { TestAgent } from "#test/support/agent.ts";
import type { AgentStore } from "#test/support/console/agent-store.ts";
import { startConsole } from "#test/support/console/console.ts";
import { writeEvents } from "./even-events.ts";
import { print, quantile } from "./measure.ts";
import { cpuSecondsOf, memoryOf } from "./process-use.ts";

const eventsPerSecond = 1_000;

/** At which time so many events were on the console's disk. */
interface Seen {
  readonly ms: number;
  readonly events: number;
}

/**
 * Measures an enrolled agent as shipped at 1,000 events a second: what it costs, and the time from a
 * record in audit.log to its event on the console's disk. The console proves and stores as it does.
 */
export async function measureSteady(seconds: number): Promise<void> {
  await using agent = await TestAgent.create();
  const console = await startConsole({ folder: join(agent.folder, "console") });
  closeSync(openSync(agent.logFile, "w"));
  copyFileSync("dist/linuxguard-agent", join(agent.folder, "linuxguard-agent"));
  const token = join(agent.folder, "enrolment-token");
  writeFileSync(token, console.issueToken());
  agent.give(agent.folder);
  chmodSync(token, 0o600);
  const run = agent.start();
  const { console: link } = await agent.until("it is let in", ({ console: { state } }) => {
    return state === "connected";
  });
  await sleep(15_000);
  print("enrolled idle RSS MiB", memoryOf(run.pid).rssMiB);
  const store = console.store.of(link.agentId ?? "");
  const before = cpuSecondsOf(run.pid);
  const startedMs = performance.now();

  const stop = new AbortController();
  const watching = watch(store, stop.signal);
  const written = new Map<number, number>();
  await writeEvents(agent.logFile, { eventsPerSecond, seconds }, written);
  const cpuSeconds = cpuSecondsOf(run.pid) - before;
  const wallSeconds = (performance.now() - startedMs) / 1_000;
  for (let tries = 0; store.totals.events < written.size && tries < 300; tries++) await sleep(100);
  stop.abort();
  const delays = await delaysOf(store, await watching, written);

  print("steady cpu %", (cpuSeconds / wallSeconds) * 100);
  print("steady RSS MiB", memoryOf(run.pid).rssMiB);
  print("console-delay p50 ms", quantile(delays, 0.5));
  print("console-delay p99 ms", quantile(delays, 0.99));
  print("console-delay max ms", quantile(delays, 1));
  run.signal("SIGTERM");
  await run.ended;
  await console.stop();
}

/** Notes when the console has more events; it counts them once they are synced. */
async function watch(store: AgentStore, signal: AbortSignal): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  while (!signal.aborted) {
    const events = store.eventIds.size;
    if (events > (seen.at(-1)?.events ?? 0)) seen.push({ ms: performance.now(), events });
    await sleep(2);
  }
  return seen;
}

/** Finds the serials of the events in the order in which they came. */
async function delaysOf(
  store: AgentStore,
  seen: readonly Seen[],
  written: ReadonlyMap<number, number>,
): Promise<readonly number[]> {
  const delays: number[] = [];
  let events = 0;
  let at = 0;
  for await (const { body } of store.batches()) {
    for (const line of zstdDecompressSync(body).toString().split("\n").slice(0, -1)) {
      events += 1;
      const { event } = JSON.parse(line) as { event: { sequence?: number } };
      const writtenMs = written.get(event.sequence ?? 0);
      while ((seen[at]?.events ?? events) < events) at += 1;
      const seenMs = seen[at]?.ms;
      if (writtenMs !== undefined && seenMs !== undefined) delays.push(seenMs - writtenMs);
    }
  }
  if (delays.length === written.size) return delays;
  throw new Error(`Cannot measure delays: ${delays.length} of ${written.size} events came`);
}
