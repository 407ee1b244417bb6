import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a program under strace ended. */
export interface FaultRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether the fault came to pass. */
  readonly wasHit: boolean;
}

/**
 * Runs a program and lets calls of the system fail.
 * A fault reads as in strace(1), option `--inject`: `fdatasync:error=EIO:when=3`.
 */
export function runWithFaults(
  command: readonly [string, ...string[]],
  faults: readonly string[],
): FaultRun {
  const folder = mkdtempSync(join(tmpdir(), "strace-"));
  try {
    const log = join(folder, "log");
    const calls = faults.map((fault) => fault.slice(0, fault.indexOf(":"))).join(",");
    const injections = faults.flatMap((fault) => ["-e", `inject=${fault}`]);
    // The fast way, by seccomp, delivers no signals.
    const fast = faults.some((fault) => fault.includes("signal=")) ? [] : ["--seccomp-bpf"];
    const options = ["-f", ...fast, "-o", log, "-e", `trace=${calls}`, ...injections];
    const run = spawnSync("strace", [...options, "--", ...command], { encoding: "utf8" });
    if (run.error !== undefined) {
      throw new Error("Cannot run strace: apt-get install strace", { cause: run.error });
    }
    const trace = readFileSync(log, "utf8");
    return {
      status: run.status,
      signal: run.signal,
      stdout: run.stdout,
      stderr: run.stderr,
      // strace dies of the same signal as its program, before it has written its log.
      wasHit: trace.includes("(INJECTED)") || run.signal === "SIGKILL",
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
