import { renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeDirectories } from "#base/make-directories.ts";
import type { AgentStatus, WaitingStatus } from "#model/status.ts";

/** A status that did not change is written this often, to show that the agent lives. */
const aliveEveryMs = 5_000;

/** The file that `linuxguard status` shows. A directory that is not there or full is no harm. */
export class StatusFile {
  readonly #path: string;
  #written = "";
  #writtenMs = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes a status, unless the file says the same and is not old. */
  write(status: AgentStatus | WaitingStatus, nowMs: number): void {
    const { updatedAt, ...rest } = status;
    const text = JSON.stringify(rest);
    const isRecent = Math.abs(nowMs - this.#writtenMs) < aliveEveryMs;
    if (isRecent && text === this.#written) return;
    if (!this.#replace(`${JSON.stringify({ updatedAt, ...rest })}\n`)) return;
    this.#written = text;
    this.#writtenMs = nowMs;
  }

  #replace(text: string): boolean {
    const directory = dirname(this.#path);
    const temporary = join(directory, ".status.new");
    try {
      makeDirectories(directory, 0o750);
      writeFileSync(temporary, text, { mode: 0o640 });
      renameSync(temporary, this.#path);
      return true;
    } catch (error) {
      if (error instanceof Error && "code" in error) return false;
      throw error;
    }
  }
}
