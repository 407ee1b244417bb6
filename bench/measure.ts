import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";

/** What a command cost. */
export interface Cost {
  readonly wallSeconds: number;
  /** Of all its threads. */
  readonly cpuSeconds: number;
  readonly peakRssKiB: number;
}

/** Runs a command to its end, with a file as standard input; its output is thrown away. */
export function measure(command: readonly string[], stdin = "/dev/null"): Cost {
  const input = openSync(stdin, "r");
  const result = spawnSync("python3", ["bench/measure.py", ...command], {
    stdio: [input, "pipe", "pipe"],
    encoding: "utf8",
  });
  closeSync(input);
  const line = result.stdout.trimEnd().split("\n").at(-1) ?? "";
  if (result.status !== 0 || !line.startsWith("{")) {
    throw new Error(`Cannot measure ${command.join(" ")}: ${result.stderr}`);
  }
  const { exitCode, ...cost } = JSON.parse(line) as Cost & { exitCode: number };
  if (exitCode === 0) return cost;
  throw new Error(`Cannot measure ${command.join(" ")}: exit code ${exitCode}: ${result.stderr}`);
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The value that so great a share of all does not go beyond. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

/** Prints one result. */
export function print(name: string, value: number): void {
  process.stdout.write(`${name} ${value.toFixed(2)}\n`);
}
