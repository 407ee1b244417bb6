import { readFileSync } from "node:fs";

/** Linux counts the time of processes in hundredths of a second. Source: proc_pid_stat(5). */
const ticksPerSecond = 100;

/** Reads how much time of processors a process has used so far. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Reads how much memory a process has: all that is mapped, and its share of it. */
export function memoryOf(pid: number): { readonly rssMiB: number; readonly pssMiB: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const size = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(?<kib>\\d+)`, "m").exec(rollup)?.groups?.kib) / 1_024;
  return { rssMiB: size("Rss"), pssMiB: size("Pss") };
}
