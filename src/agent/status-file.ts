import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AgentStatus } from "#model/status.ts";

/** Writes what `linuxguard status` shows. A directory that is not there or full is no harm. */
export function writeStatus(path: string, status: AgentStatus): boolean {
  const temporary = join(dirname(path), ".status.new");
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    writeFileSync(temporary, `${JSON.stringify(status)}\n`, { mode: 0o640 });
    renameSync(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
