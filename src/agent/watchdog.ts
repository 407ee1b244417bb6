import { Worker } from "node:worker_threads";
import { identity } from "#product/identity.ts";

/** How often the main thread shows that it lives, and how often it is looked at. */
const beatMs = 1_000;

/** What the watching thread is given. */
interface Watch {
  /** Counts the main thread's signs of life. */
  readonly beats: Int32Array;
  readonly beatMs: number;
  readonly limitMs: number;
  readonly program: string;
}

/**
 * Starts a thread that ends the process by SIGABRT once the main thread hangs for so long, and says
 * so on standard error; the service manager starts it again. The thread counts its own turns
 * instead of asking a clock, so a process that was stopped and a machine that slept did not hang.
 * Returns what ends the watch.
 */
export function startWatchdog(limitMs: number): () => void {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const given: Watch = { beats, beatMs, limitMs, program: identity.agent };
  const worker = new Worker(`(${watch.toString()})()`, {
    eval: true,
    workerData: given,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  worker.unref();
  const timer = setInterval(() => Atomics.add(beats, 0, 1), beatMs);
  return () => {
    clearInterval(timer);
    void worker.terminate();
  };
}

/** Runs in the thread, where only its text arrives: nothing else of this file is there. */
function watch(): void {
  const given = process.getBuiltinModule("node:worker_threads").workerData as Watch;
  const { write } = process.getBuiltinModule("node:fs");
  let seen = 0;
  let hungMs = 0;
  const timer = setInterval(() => {
    const now = Atomics.load(given.beats, 0);
    hungMs = now === seen ? hungMs + given.beatMs : 0;
    seen = now;
    if (hungMs < given.limitMs) return;
    clearInterval(timer);
    const end = () => process.kill(process.pid, "SIGABRT");
    // Standard error may be what hangs.
    setTimeout(end, given.beatMs);
    write(2, `${given.program}: The main thread hung for ${hungMs / 1_000} s, so it ends\n`, end);
  }, given.beatMs);
}
