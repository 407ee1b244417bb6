import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bundle } from "#build/binary/bundle.ts";
import { nodeOptions } from "#build/binary/options.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import type { Fault } from "#test/support/console/faults.ts";
import { enrolled } from "#test/support/delivering.ts";

/** What the process that delivers tells of itself. */
interface Told {
  readonly documents: number;
  readonly sizeBytes: number;
  readonly rssBytes: number;
  readonly lag: number;
  readonly shed: number;
}

const noLoss = { missingEvents: 0, repeatedEvents: 0, shed: 0 };
const spoolBytes = 16 * 1_048_576;
/** What the most memory of the last third may be above that of the third before. */
const marginMiB = 12;

/**
 * Has faults befall console, network, disk and agent for so long, and proves that every event came
 * once. In the first third the agent is killed, too; the one that is left then lives to the end, so
 * that the memory of one process can be compared between the second third and the last.
 */
export async function endureChaos(context: TestContext, seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "delivery-chaos-"));
  const disk = join(folder, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", disk]);
  context.after(() => {
    execFileSync("umount", [disk]);
    rmSync(folder, { recursive: true });
  });
  const settings = { folder: join(folder, "console") };
  let console = await startConsole(settings);
  const { port } = console;
  const identity = await enrolled(console);
  const identityFile = join(folder, "identity.json");
  writeFileSync(identityFile, JSON.stringify(identity), { mode: 0o600 });
  const script = join(folder, "delivering.cjs");
  writeFileSync(script, (await bundle("test/support/delivering-process.ts")).text);
  const agent = new Agent([script, disk, identityFile]);
  const happens: Readonly<Record<string, () => Promise<void>>> = {
    agentKilled: async () => await agent.restart(),
    consoleStopped: async () => {
      await console.stop();
      await sleep(Math.random() * 1_500);
      console = await startConsole({ ...settings, port });
    },
    diskFull: async () => await fillFor(disk, Math.random() * 1_500),
    ...Object.fromEntries(
      Object.entries(faults).map(([name, make]) => [name, async () => await befall(console, make)]),
    ),
  };

  const first = await goOn(happens, seconds / 3);
  const { agentKilled: _, ...others } = happens;
  const second = await goOn(others, seconds / 3);
  const rssBefore = agent.takeRss();
  const third = await goOn(others, seconds / 3);
  const rssAfter = agent.takeRss();
  console.faults.script = undefined;
  const told = await agent.finish();

  const store = console.store.of(identity.agentId);
  const { events, missingEvents, repeats, repeatedEvents } = store.totals;
  await console.stop();
  const sum = { made: told.documents, events, shed: told.shed, missingEvents, repeats };
  context.diagnostic(JSON.stringify({ seconds, ...sum, ...countAll([first, second, third]) }));
  context.diagnostic(`RSS ${rssBefore} MiB, then ${rssAfter} MiB at the most`);
  context.diagnostic(`spool ${Math.round(agent.largestSpool / 1_024)} KiB at the most`);
  assert.equal(events, told.documents);
  assert.deepEqual({ missingEvents, repeatedEvents, shed: told.shed }, noLoss);
  assert.ok(agent.largestSpool <= spoolBytes);
  assert.ok(rssAfter <= rssBefore + marginMiB, `RSS grew from ${rssBefore} to ${rssAfter} MiB`);
}

const faults: Readonly<Record<string, () => Fault>> = {
  cut: () => ({ kind: "cut" }),
  cutAfterStore: () => ({ kind: "cut", isStored: true }),
  silence: () => ({ kind: "silence" }),
  drip: () => ({ kind: "drip", intervalMs: 50, isStored: true }),
  endless: () => ({ kind: "endless" }),
  busy: () => ({ kind: "answer", status: 429, headers: { "retry-after": "1" } }),
  unavailable: () => ({ kind: "answer", status: 503, isStored: true }),
  junk: () => ({ kind: "answer", status: 200, body: "{" }),
};

/** Has each thing happen in turn, and then by chance, until the time is over; returns their names. */
async function goOn(
  happens: Readonly<Record<string, () => Promise<void>>>,
  seconds: number,
): Promise<readonly string[]> {
  const names = Object.keys(happens);
  const happened: string[] = [];
  const untilMs = performance.now() + seconds * 1_000;
  for (let turn = 0; performance.now() < untilMs; turn++) {
    const name = names[turn < names.length ? turn : Math.floor(Math.random() * names.length)] ?? "";
    happened.push(name);
    await happens[name]?.();
    await sleep(Math.random() * 500);
  }
  return happened;
}

function countAll(parts: readonly (readonly string[])[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of parts.flat()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Has one request in three go wrong for a moment. */
async function befall(console: Console, make: () => Fault): Promise<void> {
  console.faults.script = () => (Math.random() < 0.34 ? make() : undefined);
  await sleep(700);
  console.faults.script = undefined;
}

async function fillFor(disk: string, timeMs: number): Promise<void> {
  const filler = join(disk, "filler");
  try {
    writeFileSync(filler, Buffer.alloc(64 * 1_048_576));
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error && error.code === "ENOSPC");
  }
  await sleep(timeMs);
  rmSync(filler);
}

/** The process that delivers, under the options that the agent always runs with. */
class Agent {
  readonly #args: readonly string[];
  #child: ChildProcess;
  #told: Told | undefined;
  #largestRss = 0;
  largestSpool = 0;

  constructor(args: readonly string[]) {
    this.#args = args;
    this.#child = this.#spawn();
  }

  /** Kills it, and starts another. */
  async restart(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    assert.deepEqual(await exit, [null, "SIGKILL"]);
    this.#child = this.#spawn();
  }

  /** Lets it deliver all. */
  async finish(): Promise<Told> {
    const closed = once(this.#child, "close");
    // A process that has only just begun would not hear it.
    const before = this.#told;
    while (this.#told === before) await sleep(20);
    this.#child.kill("SIGTERM");
    assert.deepEqual(await closed, [0, null]);
    return this.#told ?? assert.fail("It told how it stands");
  }

  /** The most memory since this was asked last, in MiB. */
  takeRss(): number {
    const largest = this.#largestRss;
    this.#largestRss = 0;
    return Math.round(largest / 1_048_576);
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [...nodeOptions, "--memory-saver-mode", ...this.#args], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { MALLOC_ARENA_MAX: "1" },
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const told = JSON.parse(line) as Told;
      this.#told = told;
      this.largestSpool = Math.max(this.largestSpool, told.sizeBytes);
      this.#largestRss = Math.max(this.#largestRss, told.rssBytes);
    });
    return child;
  }
}
