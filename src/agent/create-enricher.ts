import type { Config } from "#config/settings.ts";
import { askNameService } from "#enrich/getent.ts";
import type { Host } from "#enrich/host.ts";
import { HostEnricher } from "#enrich/host-enricher.ts";
import { Names } from "#enrich/names.ts";
import { Proc } from "#enrich/proc.ts";

/** Creates what enriches the events of this host; `undefined` if all of it is switched off. */
export function createEnricher(settings: Config["enrich"], host: Host): HostEnricher | undefined {
  if (!settings.processes && !settings.containers && !settings.names) return undefined;
  const names = settings.names
    ? {
        users: new Names({ database: "passwd", path: "/etc/passwd", ask: askNameService }),
        groups: new Names({ database: "group", path: "/etc/group", ask: askNameService }),
      }
    : {};
  const proc = settings.processes
    ? { proc: new Proc({ hostKey: host.key, bootId: host.bootId, now: Date.now }) }
    : {};
  const enricher = new HostEnricher({ ...names, ...proc, bootId: host.bootId });
  enricher.start(undefined, Date.now());
  return enricher;
}
