import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { SpoolReader } from "#spool/reader.ts";
import { type AgentRun, TestAgent } from "#test/support/agent.ts";
import { eventRecords } from "#test/support/generated-records.ts";

const eventsPerSecond = 1_000;
const seconds = 20;
const idleSeconds = 30;
/** Linux counts the time of processes in hundredths of a second. Source: proc_pid_stat(5). */
const ticksPerSecond = 100;

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
  print("busy RSS MiB", readMemory(run.pid).rssMiB);
  run.signal("SIGTERM");
  await run.ended;
}

async function measureIdle({ pid }: AgentRun): Promise<void> {
  const before = readTicks(pid);
  await sleep(idleSeconds * 1_000);
  const cpuSeconds = (readTicks(pid) - before) / ticksPerSecond;
  const { rssMiB, pssMiB } = readMemory(pid);
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
  const events = fc.sample(eventRecords, { seed: 1, numRuns: 2_000 });
  const fd = openSync(agent.logFile, "a");
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

function readTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function readMemory(pid: number): { readonly rssMiB: number; readonly pssMiB: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const size = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(?<kib>\\d+)`, "m").exec(rollup)?.groups?.kib) / 1_024;
  return { rssMiB: size("Rss"), pssMiB: size("Pss") };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

function print(name: string, value: number): void {
  process.stdout.write(`${name} ${value.toFixed(2)}\n`);
}

void main();
