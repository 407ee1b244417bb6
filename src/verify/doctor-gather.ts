import { closeSync, constants, fstatSync, openSync, readSync, statfsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { footprint } from "#product/footprint.ts";
import { units } from "./doctor-daemon.ts";
import type { AgentInputs, DoctorFacts, Space, Units } from "./doctor-facts.ts";
import { gatherKernel } from "./doctor-gather-kernel.ts";
import { all, attempt, attemptIfThere, type Fact, map } from "./fact.ts";
import type { AccessFact } from "./facts.ts";
import { getent, parseAccounts, parseGroups } from "./gather-accounts.ts";
import { lookAtAccess, parseDaemonConfig } from "./gather-audit.ts";
import { gatherProcesses } from "./gather-processes.ts";
import { findManager, gatherService, parseProperties } from "./gather-service.ts";
import { type Host, listNames, look, readText } from "./host.ts";

const { account, files } = footprint;
const tailBytes = 262_144;
const mostRotated = 100;
const timeoutMs = 5_000;
const unitProperties = [
  "Id",
  "LoadState",
  "ActiveState",
  "SubState",
  "UnitFileState",
  "Result",
  "ExecMainStatus",
  "NRestarts",
].join(",");

/** What tells the doctor apart from others on one host. */
export interface DoctorInputs {
  readonly agent: AgentInputs;
  readonly nowMs: number;
  /** Where auditd's settings stand. */
  readonly daemonConfig: string;
}

/** Looks at all that bears on an event's way, in some seconds at most, and changes nothing. */
export async function gatherForDoctor(
  host: Host,
  { agent, nowMs, daemonConfig }: DoctorInputs,
): Promise<DoctorFacts> {
  const config = map(readText(host, daemonConfig), (text) =>
    text === undefined ? undefined : parseDaemonConfig(text),
  );
  const path = ("value" in config && config.value?.get("log_file")) || footprint.audit.log;
  const own = map(await getent(host, "passwd", account.name), (text) => parseAccounts(text)[0]);
  const kernel = await gatherKernel(host);
  const manager = findManager(host);
  return {
    isRoot: host.uid === 0,
    nowMs,
    kernel,
    daemon: {
      isInstalled: isThere(host, ["/usr/sbin/auditd", "/sbin/auditd"]),
      pid: findDaemon(host, kernel.status),
      config,
      plugins: listPlugins(host, config),
      said: await readSaid(host, manager),
    },
    log: { path, ...(await gatherLog(host, path)) },
    accounts: { own, groups: map(await getent(host, "group"), parseGroups) },
    manager,
    packages: findPackager(host),
    units: await askUnits(host, manager),
    agent: {
      ...agent,
      isInstalled: isThere(host, [files.agent.path]),
      processes: gatherProcesses(host, "value" in own ? own.value?.uid : undefined),
      spoolSpace: readSpace(host, agent.spoolDirectory),
    },
  };
}

function isThere(host: Host, paths: readonly string[]): Fact<boolean> {
  const entries = all(paths.map((path) => look(host, path)));
  return map(entries, (found) => found.some((entry) => entry !== undefined));
}

/** The kernel knows who takes its records; who may not ask looks for the program. */
function findDaemon(host: Host, status: DoctorFacts["kernel"]["status"]): Fact<number | undefined> {
  if ("value" in status && status.value !== undefined && status.value.pid !== 0)
    return { value: status.value.pid };
  const names = listNames(host, "/proc");
  return map(names, (found) => {
    const pid = found.find((name) => {
      if (!/^\d+$/.test(name)) return false;
      // One that has ended and is still listed has no command line.
      const line = readText(host, `/proc/${name}/cmdline`);
      const program = "value" in line ? (line.value ?? "").split("\0", 1)[0] : "";
      return basename(program ?? "") === "auditd";
    });
    return pid === undefined ? undefined : Number(pid);
  });
}

/** Source: auditd-plugins(5). */
function listPlugins(host: Host, config: DoctorFacts["daemon"]["config"]): Fact<readonly string[]> {
  const named = "value" in config ? config.value?.get("plugin_dir") : undefined;
  const folder = named ?? "/etc/audit/plugins.d";
  const listed = listNames(host, folder);
  if ("why" in listed) return listed;
  const texts = listed.value
    .filter((name) => name.endsWith(".conf"))
    .map((name) => map(readText(host, `${folder}/${name}`), (text) => ({ name, text })));
  return map(all(texts), (found) =>
    found
      .filter(({ text }) => /^\s*active\s*=\s*yes\b/im.test(text ?? ""))
      .map(({ name }) => basename(name, ".conf")),
  );
}

async function readSaid(host: Host, manager: DoctorFacts["manager"]): Promise<Fact<string>> {
  if (manager !== "systemd") return { why: "there is no journal" };
  const args = ["--identifier=auditd", "--boot", "--lines=100", "--output=cat", "--no-pager"];
  return map(await host.run("journalctl", args, timeoutMs), ({ stdout }) => stdout);
}

async function gatherLog(host: Host, path: string): Promise<Omit<DoctorFacts["log"], "path">> {
  const folder = dirname(path);
  const parents: Fact<AccessFact | undefined>[] = [];
  for (let above = dirname(folder); above !== "/"; above = dirname(above)) {
    parents.unshift(await lookAtAccess(host, above));
  }
  const name = basename(path);
  const rotated: Fact<AccessFact | undefined>[] = [];
  const names = listNames(host, folder);
  for (const each of "value" in names ? names.value : []) {
    const isRotated = each.startsWith(`${name}.`) && /^\d+$/.test(each.slice(name.length + 1));
    if (isRotated && rotated.length < mostRotated) {
      rotated.push(await lookAtAccess(host, join(folder, each)));
    }
  }
  const there = (facts: readonly Fact<AccessFact | undefined>[]) =>
    map(all(facts), (places) => places.filter((place) => place !== undefined));
  const end = readEnd(host, path);
  return {
    parents: there(parents),
    directory: await lookAtAccess(host, folder),
    current: await lookAtAccess(host, path),
    rotated: "why" in names ? names : there(rotated),
    tail: map(end, ({ text }) => text),
    changedMs: map(end, ({ changedMs }) => changedMs),
    space: readSpace(host, folder),
  };
}

/** The last bytes of a log, and when it was written last. */
function readEnd({ root }: Host, path: string): Fact<{ text: string; changedMs: number }> {
  const end = attemptIfThere(path, () => {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const file = openSync(join(root, path), flags);
    try {
      const { size, mtimeMs } = fstatSync(file);
      const buffer = Buffer.alloc(Math.min(size, tailBytes));
      const read = readSync(file, buffer, 0, buffer.length, size - buffer.length);
      return { text: buffer.toString("latin1", 0, read), changedMs: mtimeMs };
    } finally {
      closeSync(file);
    }
  });
  if ("why" in end) return end;
  return end.value === undefined ? { why: `there is no ${path}` } : { value: end.value };
}

function readSpace({ root }: Host, path: string): Fact<Space> {
  return attempt(path, () => {
    const { bavail, bsize, blocks } = statfsSync(join(root, path));
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  });
}

async function askUnits(host: Host, manager: DoctorFacts["manager"]): Promise<Fact<Units>> {
  if (manager === "none") return { why: "no service manager runs here, as in most containers" };
  return manager === "systemd" ? await askSystemd(host) : await askOpenrc(host);
}

async function askSystemd(host: Host): Promise<Fact<Units>> {
  const args = ["show", `--property=${unitProperties}`, ...Object.values(units)];
  const result = await host.run("systemctl", args, timeoutMs);
  if ("why" in result) return result;
  if (result.value.status !== 0) return { why: "systemctl gives no answer" };
  const blocks = result.value.stdout.split("\n\n").map(parseProperties);
  return { value: new Map(blocks.map((block) => [block.get("Id") ?? "", block])) };
}

/** Says of the agent what systemd would. */
async function askOpenrc(host: Host): Promise<Fact<Units>> {
  return map(await gatherService(host), (service) => {
    if (service.manager !== "openrc") return new Map();
    const properties = new Map([
      ["LoadState", service.script === undefined ? "not-found" : "loaded"],
      ["UnitFileState", service.isInRunlevel ? "enabled" : "disabled"],
      ["ActiveState", service.isStarted ? "active" : "inactive"],
    ]);
    return new Map([[units.agent, properties]]);
  });
}

function findPackager(host: Host): DoctorFacts["packages"] {
  const has = (path: string) => {
    const entry = look(host, path);
    return "value" in entry && entry.value !== undefined;
  };
  if (has("/sbin/apk")) return "apk";
  return has("/usr/bin/dnf") && !has("/usr/bin/apt-get") ? "dnf" : "apt-get";
}
