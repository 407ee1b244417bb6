import type { Fact } from "./fact.ts";
import type { ConsoleFact, Facts } from "./facts.ts";
import { gatherAccounts } from "./gather-accounts.ts";
import { gatherAudit } from "./gather-audit.ts";
import { gatherFiles } from "./gather-files.ts";
import { gatherProcesses } from "./gather-processes.ts";
import { gatherService } from "./gather-service.ts";
import type { Host } from "./host.ts";

/** Looks at all of a host that is checked, and changes nothing. */
export async function gather(host: Host, settings: Fact<ConsoleFact>): Promise<Facts> {
  const accounts = await gatherAccounts(host);
  const uid = "why" in accounts.own ? undefined : accounts.own.value?.uid;
  return {
    accounts,
    files: await gatherFiles(host, uid),
    processes: gatherProcesses(host, uid),
    service: await gatherService(host),
    audit: await gatherAudit(host),
    console: settings,
  };
}
