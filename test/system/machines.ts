import { join } from "node:path";
import { identity } from "#product/identity.ts";
import { version } from "#product/version.ts";
import type { Suite } from "#test/support/debian-root.ts";
import { debianImage } from "#test/support/vm/image.ts";
import { Vm } from "#test/support/vm.ts";
import { repository } from "./repository.ts";

/** What a machine is when a test gets it: without the package, or with it at work. */
export type Stage = "fresh" | "installed";

/** Shell words that name the package's file in a machine. */
export const packageFile = `/mnt/apt/pool/main/l/linuxguard/linuxguard_${version}_amd64.deb`;

/**
 * Boots a Debian and puts it aside at both stages, so that tests need not boot one. The repository
 * is its disk vdb and in /mnt, what a console takes is its disk vdc.
 */
export async function makeMachines(suite: Suite, consoleFolder: string): Promise<void> {
  const image = await debianImage(suite);
  await using fresh = await Vm.boot(image, [repository, consoleFolder]);
  await fresh.must("echo '/dev/vdb /mnt ext4 ro 0 0' >>/etc/fstab; mount /mnt");
  await fresh.putAside(folderOf(suite, "fresh"));
  await using installed = await machine(suite, "fresh");
  await installed.must(`DEBIAN_FRONTEND=noninteractive dpkg --install ${packageFile}`, 600_000);
  await installed.until(`test -s ${identity.runtimeDirectory}/status.json`, 300_000);
  await installed.putAside(folderOf(suite, "installed"));
}

/** A machine of its own for a test, which runs and has the repository in /mnt. */
export async function machine(suite: Suite, stage: Stage): Promise<Vm> {
  return await Vm.resume(await debianImage(suite), folderOf(suite, stage));
}

function folderOf(suite: Suite, stage: Stage): string {
  return join(repository, "../machines", suite.name, stage);
}
