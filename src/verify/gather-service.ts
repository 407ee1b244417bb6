import { footprint } from "#product/footprint.ts";
import { type Fact, map } from "./fact.ts";
import type { ServiceFacts } from "./facts.ts";
import { type Host, look, readText } from "./host.ts";
import { sandboxProperties } from "./sandbox.ts";

const { openrc, service } = footprint;
const unit = `${service}.service`;

/** What systemd runs for a service besides its program. */
export const commandProperties = [
  "ExecCondition",
  "ExecStartPre",
  "ExecStartPost",
  "ExecStop",
  "ExecStopPost",
] as const;

const unitProperties = [
  "ExecStart",
  "LoadState",
  "ActiveState",
  "SubState",
  "UnitFileState",
  "FragmentPath",
  "DropInPaths",
  "NeedDaemonReload",
  "User",
  "Group",
  ...commandProperties,
];

/** What runs services here: it was booted, and is not merely installed. */
type Manager = "systemd" | "openrc" | "none";

/** Source: sd_booted(3); OpenRC's /run/openrc/softlevel. */
export function findManager(host: Host): Manager {
  const isThere = (path: string) => {
    const entry = look(host, path);
    return !("why" in entry) && entry.value !== undefined;
  };
  if (isThere("/run/systemd/system")) return "systemd";
  return isThere("/run/openrc/softlevel") ? "openrc" : "none";
}

/** Asks the service manager for the service. */
export async function gatherService(host: Host): Promise<Fact<ServiceFacts>> {
  const manager = findManager(host);
  if (manager === "systemd") return await askSystemd(host);
  if (manager === "openrc") return await askOpenrc(host);
  return { why: "no service manager runs here, as in most containers" };
}

async function askSystemd(host: Host): Promise<Fact<ServiceFacts>> {
  const properties = [...unitProperties, ...sandboxProperties].join(",");
  const result = await host.run("systemctl", ["show", unit, `--property=${properties}`]);
  if ("why" in result) return result;
  if (result.value.status !== 0)
    return { why: "systemctl gives no answer; root has one without a bus" };
  return { value: { manager: "systemd", properties: parseProperties(result.value.stdout) } };
}

/** Reads what `systemctl show` writes: `Key=value`, one a line. */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

async function askOpenrc(host: Host): Promise<Fact<ServiceFacts>> {
  const script = look(host, openrc.script.path);
  if ("why" in script) return script;
  const status = await host.run("rc-service", [service, "status"]);
  const levels = await host.run("rc-update", ["show"]);
  if ("why" in status) return status;
  if ("why" in levels) return levels;
  const named = new RegExp(String.raw`^\s*${service}\s*\|\s*\S`, "m");
  return {
    value: {
      manager: "openrc",
      script: script.value,
      isStarted: status.value.status === 0,
      isInRunlevel: named.test(levels.value.stdout),
      supervisor: readSupervisor(host),
    },
  };
}

/** The supervisor's own file names its process. Source: openrc-run(8). */
function readSupervisor(host: Host): Fact<readonly string[] | undefined> {
  const pid = readText(host, `/run/supervise-${service}.pid`);
  if ("why" in pid) return pid;
  const number = /^\d+$/m.exec(pid.value ?? "")?.[0];
  if (number === undefined) return { value: undefined };
  return map(readText(host, `/proc/${number}/cmdline`), (line) =>
    line?.split("\0").filter((word) => word !== ""),
  );
}
