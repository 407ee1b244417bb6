import type { DoctorFacts, KernelStatus } from "./doctor-facts.ts";
import { all, type Fact, map } from "./fact.ts";
import { type Host, listNames, look, readText } from "./host.ts";

const rulesFolder = "/etc/audit/rules.d";
const madeRules = "/etc/audit/audit.rules";
/** Where the kernel does not answer, as in a container, auditctl(8) gives up after about 8 s. */
const timeoutMs = 20_000;

/** Where container managers leave a mark. Source: systemd's Container Interface; docker, podman. */
const containerMarks = ["/run/systemd/container", "/run/.containerenv", "/.dockerenv"];

/** Asks the kernel and reads what it will be given at the next boot. */
export async function gatherKernel(host: Host): Promise<DoctorFacts["kernel"]> {
  return {
    container: containerMarks.find((path) => {
      const entry = look(host, path);
      return "value" in entry && entry.value !== undefined;
    }),
    commandLine: map(readText(host, "/proc/cmdline"), (text) => text ?? ""),
    status: await askStatus(host),
    rules: map(await ask(host, "-l"), (text) =>
      text.split("\n").filter((line) => line.startsWith("-")),
    ),
    rulesFiles: readRulesFiles(host),
  };
}

async function askStatus(host: Host): Promise<Fact<KernelStatus | undefined>> {
  return map(await ask(host, "-s"), parseStatus);
}

function parseStatus(text: string): KernelStatus | undefined {
  const numbers = new Map(
    [...text.matchAll(/^(?<key>\w+) (?<value>\d+)\b/gm)].map(
      ({ groups }) => [groups?.key ?? "", Number(groups?.value)] as const,
    ),
  );
  const enabled = numbers.get("enabled");
  if (enabled === undefined) return undefined;
  const number = (key: string) => numbers.get(key) ?? 0;
  return {
    enabled,
    pid: number("pid"),
    backlogLimit: number("backlog_limit"),
    backlog: number("backlog"),
    lost: number("lost"),
  };
}

async function ask(host: Host, option: "-s" | "-l"): Promise<Fact<string>> {
  if (host.uid !== 0) return { why: "only root may ask the kernel" };
  const result = await host.run("auditctl", [option], timeoutMs);
  if ("why" in result) return result;
  const { status, stdout } = result.value;
  return status === undefined ? { why: `auditctl ${option} hangs` } : { value: stdout };
}

function readRulesFiles(host: Host): DoctorFacts["kernel"]["rulesFiles"] {
  const names = listNames(host, rulesFolder);
  if ("why" in names) return names;
  const inFolder = names.value
    .filter((name) => name.endsWith(".rules"))
    .map((name) => `${rulesFolder}/${name}`);
  const texts = [...inFolder, madeRules].map((path) =>
    map(readText(host, path), (text) => ({ path, text })),
  );
  return map(all(texts), (found) =>
    found.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }])),
  );
}
