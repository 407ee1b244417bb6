import { dirname } from "node:path";
import type { CommandResult } from "#base/run-command.ts";
import { footprint } from "#product/footprint.ts";
import { all, type Fact, map } from "./fact.ts";
import type { AccessFact, AuditFacts, Entry } from "./facts.ts";
import { findManager } from "./gather-service.ts";
import { type Host, isSameFolder, look, readText } from "./host.ts";

const { audit, receipts, rulesDirectory } = footprint;
const defaultTiers = "base";

/** Looks at how the audit system is set up, and at what it has loaded. */
export async function gatherAudit(host: Host): Promise<AuditFacts> {
  const daemonConfig = map(readEntry(host, audit.daemonConfig), (found) =>
    found === undefined ? undefined : { entry: found.entry, values: parseDaemonConfig(found.text) },
  );
  const isNamed = !("why" in daemonConfig) && daemonConfig.value !== undefined;
  const log = (isNamed && daemonConfig.value?.values.get("log_file")) || audit.log;
  return {
    daemonConfig,
    directory: await lookAtAccess(host, dirname(log)),
    log: await lookAtAccess(host, log),
    rulesFile: readEntry(host, audit.rules),
    wantedRules: joinTiers(host),
    loadedKeys: await listLoadedKeys(host),
  };
}

function readEntry(
  host: Host,
  path: string,
): Fact<{ readonly entry: Entry; readonly text: string } | undefined> {
  const entry = look(host, path);
  if ("why" in entry) return entry;
  const found = entry.value;
  if (found === undefined) return { value: undefined };
  return map(readText(host, path), (text) => ({ entry: found, text: text ?? "" }));
}

/** auditd.conf(5): keys count without their case, and the last one counts. */
export function parseDaemonConfig(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const found = /^\s*(?<key>\w+)\s*=\s*(?<value>\S+)/.exec(line)?.groups;
      return found === undefined
        ? []
        : [[(found.key ?? "").toLowerCase(), found.value ?? ""] as const];
    }),
  );
}

/** Looks at a path and at its access control list. */
export async function lookAtAccess(
  host: Host,
  path: string,
): Promise<Fact<AccessFact | undefined>> {
  const entry = look(host, path);
  if ("why" in entry) return entry;
  if (entry.value === undefined) return { value: undefined };
  const list = await host.run("getfacl", ["-cpE", "--", path]);
  return { value: { entry: entry.value, groups: readAccessList(list) } };
}

function readAccessList(list: Fact<CommandResult>): AccessFact["groups"] {
  if ("why" in list) return list;
  const { status, stdout } = list.value;
  return status === 0 ? { value: parseAccessList(stdout) } : { why: "getfacl gives no answer" };
}

/** Reads the named groups of what getfacl(1) writes; the mask takes rights away from each. */
function parseAccessList(text: string): ReadonlyMap<string, string> {
  const mask = /^mask::(?<rights>[rwx-]{3})/m.exec(text)?.groups?.rights ?? "rwx";
  const named = text.matchAll(/^group:(?<name>[^:\n]+):(?<rights>[rwx-]{3})/gm);
  return new Map(
    [...named].map(({ groups }) => {
      const rights = [...(groups?.rights ?? "")].map((right, at) =>
        mask[at] === "-" ? "-" : right,
      );
      return [groups?.name ?? "", rights.join("")] as const;
    }),
  );
}

/** The tiers that root's notes name, joined as they were when the rules were made. */
function joinTiers(host: Host): Fact<string | undefined> {
  const receipt = readText(host, `${receipts}/rules-wanted`);
  if ("why" in receipt) return receipt;
  const noted = /^tiers=(?<tiers>[a-z_ -]*)$/m.exec(receipt.value ?? `tiers=${defaultTiers}`);
  const tiers = (noted?.groups?.tiers ?? "").split(" ").filter((tier) => tier !== "");
  if (tiers.length === 0) return { value: undefined };
  const texts = tiers.map((tier) => readText(host, `${rulesDirectory}/${tier}.rules`));
  return map(all(texts), (found) => found.map((text) => text ?? "").join(""));
}

/** The kernel's audit is one for all: it is asked only from the system that was booted. */
async function listLoadedKeys(host: Host): Promise<Fact<readonly string[]>> {
  if (host.uid !== 0) return { why: "only root may ask the kernel for its rules" };
  if (!isBooted(host)) return { why: "this is not the system that was booted" };
  const result = await host.run("auditctl", ["-l"]);
  if ("why" in result) return result;
  const { status, stdout } = result.value;
  return status === 0 ? { value: parseKeys(stdout) } : { why: "the kernel does no auditing here" };
}

/** The keys that rules give, each once: `-F key=KEY` or `-k KEY`. */
export function parseKeys(text: string): readonly string[] {
  const found = text.matchAll(/(?:-F key=|-k )(?<key>\S+)/g);
  return [...new Set([...found].map(({ groups }) => groups?.key ?? ""))];
}

/** A chroot or container sees another root than the first process. */
function isBooted(host: Host): boolean {
  return findManager(host) !== "none" && isSameFolder(host, "/", "/proc/1/root/.");
}
