import { readFileSync } from "node:fs";
import type { Logger } from "#base/logger.ts";
import { replaceFile } from "#base/replace-file.ts";
import type { Config } from "#config/settings.ts";
import { askNameService } from "#enrich/getent.ts";
import type { Host } from "#enrich/host.ts";
import { HostEnricher } from "#enrich/host-enricher.ts";
import { Names } from "#enrich/names.ts";
import { Proc } from "#enrich/proc.ts";

interface EnricherParts {
  readonly settings: Config["enrich"];
  readonly host: Host;
  /** What events call this host besides its own name. */
  readonly name: string;
  /** Where the process table is kept over a restart. */
  readonly file: string;
  /** For the arguments of processes in /proc. */
  readonly redact?: ((args: readonly string[]) => readonly string[]) | undefined;
}

/** Creates what enriches the events of this host; `undefined` if all of it is switched off. */
export function createEnricher(parts: EnricherParts): HostEnricher | undefined {
  const { settings, host, name, file, redact } = parts;
  if (!settings.processes && !settings.containers && !settings.names) return undefined;
  const names = settings.names
    ? {
        users: new Names({ database: "passwd", path: "/etc/passwd", ask: askNameService }),
        groups: new Names({ database: "group", path: "/etc/group", ask: askNameService }),
      }
    : {};
  const { key: hostKey, bootId } = host;
  const proc = settings.processes
    ? { proc: new Proc({ hostKey, bootId, now: Date.now, ...(redact && { redact }) }) }
    : {};
  const [short = ""] = host.ecs.hostname.split(".");
  const nodes = new Set([name, host.ecs.hostname, short].map((each) => each.toLowerCase()));
  const enricher = new HostEnricher({ ...names, ...proc, nodes, bootId });
  enricher.start(readSnapshot(file), Date.now());
  return enricher;
}

/** Keeps the process table for the next start; what cannot be written is known from /proc in part. */
export function keepProcesses(enricher: HostEnricher, file: string, log: Logger): void {
  try {
    replaceFile(file, JSON.stringify(enricher.snapshot(Date.now())), 0o640);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    log.warn("cannot keep what is known of processes", { file, reason: error.message });
  }
}

/** What was kept, `undefined` if there is nothing or it cannot be read. */
function readSnapshot(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && "code" in error))
      return undefined;
    throw error;
  }
}
