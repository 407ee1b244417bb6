import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suites } from "#test/support/debian-root.ts";
import { debianImage } from "#test/support/vm/image.ts";
import { Vm } from "#test/support/vm.ts";

const installed = "nginx git";
const upgraded = "openssh-server cron rsyslog libpam-modules systemd libc-bin";

/**
 * Measures anew what docs/audit-rules.md says of volume: `node test/system/rule-volume.ts [IDLE-SECONDS]`.
 * What rule-volume.sh asks of a machine is here.
 */
async function main(idleSeconds: number): Promise<void> {
  const suite = suites.find(({ name }) => name === "trixie") ?? suites[0];
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
  process.stdout.write(await vm.must(script, (idleSeconds + 3_000) * 1_000));
}

void main(Number(process.argv[2] ?? "600"));
