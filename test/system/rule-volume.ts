import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Suite, suites } from "#test/support/debian-root.ts";
import { debianImage } from "#test/support/vm/image.ts";
import { Vm } from "#test/support/vm.ts";

const installed = "nginx git";
const upgraded = "openssh-server cron rsyslog libpam-modules systemd libc-bin";

/**
 * Measures anew what docs/audit-rules.md says of volume, and prints it as src/product/audit-volumes.ts
 * has it: `node test/system/rule-volume.ts [IDLE-SECONDS]`. What rule-volume.sh asks of a machine is here.
 */
async function main(idleSeconds: number): Promise<void> {
  const volumes = suites.map(async (suite) => [suite.release, await measure(suite, idleSeconds)]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(await Promise.all(volumes)))}\n`);
}

/** Events and bytes by key and workload. */
type Volumes = Record<string, Record<string, readonly [events: number, bytes: number]>>;

async function measure(suite: Suite, idleSeconds: number): Promise<Volumes> {
  const image = await debianImage(suite, {
    packages: ["gcc", "make", "libc6-dev", "cron", "rsyslog"],
    downloads: [
      `--no-install-recommends install ${installed}`,
      `--no-install-recommends --reinstall install ${upgraded}`,
    ],
  });
  await using vm = await Vm.boot(image, ["rules.d/x86_64"]);
  await vm.must("mount /dev/vdb /mnt");
  await vm.put(readFileSync(join(import.meta.dirname, "rule-volume.sh")), "/root/rule-volume.sh");
  const script = `PACKAGES='${installed}' UPGRADES='${upgraded}' sh /root/rule-volume.sh /mnt ${idleSeconds}`;
  const volumes: Volumes = {};
  for (const line of (await vm.must(script, (idleSeconds + 3_000) * 1_000)).trimEnd().split("\n")) {
    const [phase = "", key = "", events, bytes] = line.split(" ");
    volumes[key] = { ...volumes[key], [phase]: [Number(events), Number(bytes)] };
  }
  return volumes;
}

void main(Number(process.argv[2] ?? "600"));
