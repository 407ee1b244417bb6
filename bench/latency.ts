import { closeSync, copyFileSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SpoolReader } from "#spool/reader.ts";
import { type AgentRun, TestAgent } from "#test/support/agent.ts";
import { writeEvents } from "./even-events.ts";
import { print, quantile } from "./measure.ts";
import { cpuSecondsOf, memoryOf } from "./process-use.ts";

const eventsPerSecond = 1_000;
const seconds = 20;
const idleSeconds = 30;

/**
 * Measures an agent with the settings as shipped: the time from a record in audit.log to its event in
 * the spool at 1,000 events a second, and what an agent costs that has nothing to do.
 */
async function main(): Promise<void> {
  await using agent = await TestAgent.create();
  closeSync(openSync(agent.logFile, "w"));
  copyFileSync("dist/linuxguard-agent", join(agent.folder, "linuxguard-agent"));
  const run = agent.start();
  await agent.until("the start", () => true);
  await sleep(5_000);
  await measureIdle(run);
  const delays = await measureDelays(agent);
  print("latency p50 ms", quantile(delays, 0.5));
  print("latency p99 ms", quantile(delays, 0.99));
  print("latency max ms", quantile(delays, 1));
  print("busy RSS MiB", memoryOf(run.pid).rssMiB);
  run.signal("SIGTERM");
  await run.ended;
}

async function measureIdle({ pid }: AgentRun): Promise<void> {
  const before = cpuSecondsOf(pid);
  await sleep(idleSeconds * 1_000);
  const cpuSeconds = cpuSecondsOf(pid) - before;
  const { rssMiB, pssMiB } = memoryOf(pid);
  print("idle cpu %", (cpuSeconds / idleSeconds) * 100);
  print("idle RSS MiB", rssMiB);
  print("idle PSS MiB", pssMiB);
}

/** Writes events at an even pace and notes when each one's batch appears in the spool. */
async function measureDelays(agent: TestAgent): Promise<readonly number[]> {
  const writtenMs = new Map<number, number>();
  const delays: number[] = [];
  const stop = new AbortController();
  const reading = readDelays(agent, writtenMs, delays, stop.signal);
  await writeEvents(agent.logFile, { eventsPerSecond, seconds }, writtenMs);
  for (let tries = 0; delays.length < writtenMs.size && tries < 100; tries++) await sleep(100);
  stop.abort();
  await reading;
  if (delays.length === eventsPerSecond * seconds) return delays;
  throw new Error(`Cannot measure latency: only ${delays.length} events came`);
}

async function readDelays(
  agent: TestAgent,
  writtenMs: ReadonlyMap<number, number>,
  delays: number[],
  signal: AbortSignal,
): Promise<void> {
  const reader = SpoolReader.open({ directory: agent.spoolDirectory });
  for await (const batch of reader.follow("oldest", { signal, pollMs: 5 })) {
    const nowMs = performance.now();
    const text = Buffer.from(batch.documents()).toString();
    for (const { groups } of text.matchAll(/"sequence":(?<serial>\d+)/g)) {
      const serial = Number(groups?.serial);
      delays.push(nowMs - (writtenMs.get(serial) ?? nowMs));
    }
  }
}

void main();
