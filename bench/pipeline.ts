import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { createEnricher } from "#agent/create-enricher.ts";
import { createCore } from "#audit/core/core.ts";
import { sections } from "#config/settings.ts";
import { readHost } from "#enrich/host.ts";
import { Collector } from "#pipeline/collector.ts";
import { Seal } from "#pipeline/seal.ts";
import { createRecordRedactor } from "#redact/record-redactor.ts";
import { Redactor } from "#redact/redactor.ts";
import { AuditLog } from "#sources/audit-log.ts";
import { Spool } from "#spool/spool.ts";

/**
 * Takes a log to a sealed and synced spool with everything on, as the agent does, and ends at the
 * log's end. The agent itself would go on waiting, and refuses to run as root.
 */
async function main([path = "", directory = ""]: readonly string[]): Promise<void> {
  const { spool: settings, records } = sections;
  const key = randomBytes(32);
  const host = readHost();
  const spool = Spool.open({
    directory,
    maxBytes: settings.settings.size.fallback,
    segmentBytes: settings.settings.segmentSize.fallback,
    freeFloorBytes: settings.settings.freeFloor.fallback,
    compressionLevel: settings.settings.compressionLevel.fallback,
  });
  const source = AuditLog.open({ path, from: "oldest" });
  const stop = new AbortController();
  const collector = new Collector(
    {
      core: createCore(),
      engine: {
        hostKey: host.key,
        envelope: JSON.stringify({ host: host.ecs }).slice(1, -1),
        enricher: createEnricher({
          settings: { processes: true, containers: true, names: true },
          host,
          name: host.ecs.name,
          file: "",
        }),
        records: "all",
        recordBytes: records.settings.size.fallback,
        quarantineLines: 100,
        redactor: createRecordRedactor(new Redactor(key)),
      },
      source,
      spool,
      log: { error: complain, warn: complain, info: () => undefined, debug: () => undefined },
      note: undefined,
      seal: new Seal(key),
      losses: {},
      clock: () => performance.now(),
    },
    {
      intervalMs: settings.settings.flushInterval.fallback,
      sizeBytes: settings.settings.flushSize.fallback,
    },
  );
  const { size } = statSync(path);
  const timer = setInterval(() => {
    if (collector.state.ledger.read.bytes === size) stop.abort();
  }, 10);
  await collector.run(stop.signal);
  clearInterval(timer);
  source.close();
  spool.close();
  process.exitCode = 0;
}

function complain(message: string): void {
  throw new Error(message);
}

void main(process.argv.slice(2));
