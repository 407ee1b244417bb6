import { escapeUnprintable } from "#base/printable.ts";
import type { ReplayProgress } from "#pipeline/replay.ts";

const width = 30;
const everyMs = 100;
const clearLine = "\r\u001b[2K";

/** Draws how far a replay has come, on a terminal. */
export class ProgressBar {
  readonly #now: () => number;
  readonly #startedMs: number;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
    this.#startedMs = now();
  }

  /** The text that redraws it, or `undefined` if that was done a moment ago. */
  render({ file, readBytes, totalBytes }: ReplayProgress): string | undefined {
    const nowMs = this.#now();
    if (nowMs - this.#drawnMs < everyMs && readBytes !== totalBytes) return undefined;
    this.#drawnMs = nowMs;
    const seconds = Math.max(nowMs - this.#startedMs, 1) / 1_000;
    const megabytes = readBytes / 1_000_000;
    const speed = `${megabytes.toFixed(0)} MB, ${(megabytes / seconds).toFixed(0)} MB/s`;
    const name = escapeUnprintable(file);
    if (totalBytes === undefined || totalBytes === 0) return `${clearLine}${name} ${speed}`;
    const done = Math.min(readBytes / totalBytes, 1);
    const filled = "#".repeat(Math.round(done * width)).padEnd(width, ".");
    return `${clearLine}[${filled}] ${(done * 100).toFixed(0).padStart(3)} % ${name} ${speed}`;
  }

  /** The text that takes it away. */
  clear(): string {
    return clearLine;
  }
}
