import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "#build/binary/bundle.ts";
import { nodeOptions } from "#build/binary/options.ts";
import { measureLaurel } from "./laurel.ts";
import { type Cost, measure, median, print } from "./measure.ts";

const log = "bench/.cache/audit.log";
const leastLogBytes = 250_000_000;
const rounds = 5;
const program = "dist/linuxguard";

/**
 * Compares LinuxGuard with laurel on one recorded log, in turns in one run, and prints medians. Each
 * result is a line `NAME ratio VALUE` or `NAME VALUE UNIT`.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-bench-"));
  try {
    recordLog();
    const pipelineScript = join(folder, "pipeline.cjs");
    // As the agent itself is: Node would hold what it strips types with, too.
    writeFileSync(pipelineScript, (await bundle("bench/pipeline.ts")).text);
    const logMegabytes = statSync(log).size / 1_000_000;
    const replay = () => {
      const cost = measure([program, "replay", "--output", join(folder, "events"), log]);
      rmSync(join(folder, "events"));
      return cost;
    };
    const pipeline = () => {
      const node = [process.execPath, ...nodeOptions];
      const cost = measure([...node, pipelineScript, log, join(folder, "spool")]);
      rmSync(join(folder, "spool"), { recursive: true });
      return cost;
    };
    const costs = inTurns({
      laurel: () => measureLaurel(log, folder, "off"),
      replay,
      "laurel-enriched": () => measureLaurel(log, folder, "on"),
      pipeline,
    });
    const wall = (name: keyof typeof costs) => median(costs[name].map((cost) => cost.wallSeconds));
    print("replay/laurel ratio", wall("laurel") / wall("replay"));
    print("pipeline/laurel ratio", wall("laurel-enriched") / wall("pipeline"));
    for (const [name, each] of Object.entries(costs)) {
      const cost = (of: (cost: Cost) => number) => median(each.map(of));
      print(
        `${name} wall-seconds`,
        cost((one) => one.wallSeconds),
      );
      print(
        `${name} cpu-seconds`,
        cost((one) => one.cpuSeconds),
      );
      print(`${name} MB/s`, logMegabytes / cost((one) => one.wallSeconds));
      print(`${name} peak-rss-MiB`, cost((one) => one.peakRssKiB) / 1_024);
    }
    compareSizes(folder);
    for (const script of ["bench/latency.ts", "bench/shipping.ts"]) {
      execFileSync(process.execPath, [script], { stdio: "inherit" });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs each once a round, so that what else the machine does falls on all of them. */
function inTurns<Name extends string>(
  each: Readonly<Record<Name, () => Cost>>,
): Readonly<Record<Name, readonly Cost[]>> {
  const names = Object.keys(each) as Name[];
  const costs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Cost[]
  >;
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      // What the one before left to be written must not fall on this one.
      execFileSync("sync");
      const cost = each[name]();
      costs[name].push(cost);
      process.stderr.write(`round ${round}: ${name} ${cost.wallSeconds.toFixed(2)} s\n`);
    }
  }
  return costs;
}

/** What each further megabyte costs, from 10 to 100 MB, by when all is compiled, and from there to 1 GB. */
function compareSizes(folder: string): void {
  const points: { readonly megabytes: number; readonly seconds: number }[] = [];
  for (const megabytes of [10, 100, 1_000]) {
    const path = join(folder, `${megabytes}.log`);
    makeLog(path, megabytes * 1_000_000);
    const costs = costsOf(path);
    const seconds = median(costs.map(({ wallSeconds }) => wallSeconds));
    print(`replay-${megabytes}MB wall-seconds`, seconds);
    print(
      `replay-${megabytes}MB peak-rss-MiB`,
      median(costs.map((cost) => cost.peakRssKiB)) / 1_024,
    );
    points.push({ megabytes, seconds });
    rmSync(path);
  }
  const [small = Number.NaN, large = Number.NaN] = points.slice(1).map((point, index) => {
    const before = points[index] ?? point;
    return (point.seconds - before.seconds) / (point.megabytes - before.megabytes);
  });
  print("linear-1GB/100MB ratio", large / small);
}

function costsOf(path: string): readonly Cost[] {
  return [1, 2, 3].map(() => measure([program, "replay", "--output", "/dev/null", path]));
}

/** Makes a log of whole lines, as large as asked for, from the recorded one. */
function makeLog(path: string, sizeBytes: number): void {
  const block = Buffer.alloc(1_048_576);
  const to = openSync(path, "w");
  for (let written = 0; written < sizeBytes; ) {
    const from = openSync(log, "r");
    for (
      let size = readSync(from, block);
      size > 0 && written < sizeBytes;
      size = readSync(from, block)
    ) {
      const isLast = written + size >= sizeBytes;
      const end = isLast ? block.subarray(0, sizeBytes - written).lastIndexOf(0x0a) + 1 : size;
      writeSync(to, block, 0, end);
      written += isLast ? sizeBytes : end;
    }
    closeSync(from);
  }
  closeSync(to);
}

function recordLog(): void {
  if (existsSync(log) && statSync(log).size >= leastLogBytes) return;
  execFileSync(process.execPath, ["bench/record.ts", "--bytes", "260MB", "--out", log], {
    stdio: "inherit",
  });
}

void main();
