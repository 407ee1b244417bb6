import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Console, startConsole } from "#test/support/console/console.ts";
import type { Fault } from "#test/support/console/faults.ts";
import { enrolled } from "#test/support/delivering.ts";

/** How long it goes on; the tests of whole systems give it ten minutes. */
const seconds = Number(process.env.LINUXGUARD_CHAOS_SECONDS ?? 60);

interface Told {
  readonly documents: number;
  readonly sizeBytes: number;
  readonly rssBytes: number;
  readonly lag: number;
  readonly shed: number;
}

test("Delivery loses and doubles nothing, whatever happens to console, network, disk and agent", async (context) => {
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
  const agent = new Agent([disk, identityFile]);
  const counts: Record<string, number> = {};
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
  const names = Object.keys(happens);

  const untilMs = performance.now() + seconds * 1_000;
  for (let turn = 0; performance.now() < untilMs; turn++) {
    // Each in turn, and then by chance.
    const name = names[turn < names.length ? turn : Math.floor(Math.random() * names.length)] ?? "";
    counts[name] = (counts[name] ?? 0) + 1;
    await happens[name]?.();
    await sleep(Math.random() * 500);
  }
  console.faults.script = undefined;
  const told = await agent.finish();

  const store = console.store.of(identity.agentId);
  const { events, missingEvents, repeats, repeatedEvents } = store.totals;
  await console.stop();
  const sum = { made: told.documents, events, shed: told.shed, missingEvents, repeats };
  context.diagnostic(JSON.stringify({ seconds, ...sum, ...counts }));
  context.diagnostic(`RSS ${agent.rss("first")} to ${agent.rss("second")} MiB at the most`);
  context.diagnostic(`spool ${Math.round(agent.largestSpool / 1_024)} KiB at the most`);
  assert.equal(events, told.documents);
  assert.deepEqual({ missingEvents, repeatedEvents, shed: told.shed }, noLoss);
  assert.ok(agent.largestSpool <= 16 * 1_048_576);
});

const noLoss = { missingEvents: 0, repeatedEvents: 0, shed: 0 };

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

/** The process that delivers. */
class Agent {
  readonly #args: readonly string[];
  #child: ChildProcess;
  #told: Told | undefined;
  largestSpool = 0;
  readonly #rss: number[] = [];

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

  /** The most memory in one half of the time, in MiB. */
  rss(half: "first" | "second"): number {
    const middle = this.#rss.length >> 1;
    const part = half === "first" ? this.#rss.slice(0, middle) : this.#rss.slice(middle);
    return Math.round(part.reduce((most, bytes) => Math.max(most, bytes), 0) / 1_048_576);
  }

  #spawn(): ChildProcess {
    const command = ["test/support/delivering-process.ts", ...this.#args];
    const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const told = JSON.parse(line) as Told;
      this.#told = told;
      this.largestSpool = Math.max(this.largestSpool, told.sizeBytes);
      this.#rss.push(told.rssBytes);
    });
    return child;
  }
}
