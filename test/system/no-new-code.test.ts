import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { baseOf, binaryFolderOf } from "#build/binary/base.ts";
import { makeJitlessDeb } from "#build/package/jitless-deb.ts";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";
import { debianImage } from "#test/support/vm/image.ts";
import { Vm } from "#test/support/vm.ts";

const service = footprint.service;
/** Of all, the newest systemd refuses new code in most ways. */
const suite = suites.at(-1) ?? suites[0];
/** A processor in software, half of which is the agent's. */
const timeoutMs = 400_000;

test(`On ${suite.release}, the agent without a compiler runs and reloads where new code is refused`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-jitless-"));
  try {
    execFileSync(process.execPath, ["build/binary.ts", "--jitless"], { stdio: "ignore" });
    const base = baseOf();
    const agentFile = join(binaryFolderOf(base), identity.jitlessAgent);
    await makeStubDeb(folder);
    await makeJitlessDeb({ base, agentFile, compression: "none", folder });
    await using vm = await Vm.boot(await debianImage(suite), [folder]);
    await vm.must("mount -o ro /dev/vdb /mnt; dpkg --install /mnt/*.deb", timeoutMs);
    const dropIns = `/etc/systemd/system/${service}.service.d`;
    await vm.must(`mkdir ${dropIns}; cp ${footprint.dropInDirectory}/50-no-new-code.conf ${dropIns}
      systemctl daemon-reload; systemctl restart ${service}`);

    await vm.until(`test -s ${identity.runtimeDirectory}/status.json`, timeoutMs);
    await vm.must(`systemctl reload ${service}`);
    await vm.until(`journalctl -u ${service} | grep "settings read again"`, timeoutMs);

    const shown = await vm.must(`systemctl show ${service} -p NRestarts -p MemoryDenyWriteExecute
      cat /proc/$(systemctl show -p MainPID --value ${service})/comm`);
    assert.deepEqual(shown.trimEnd().split("\n").toSorted(), [
      "MemoryDenyWriteExecute=yes",
      "NRestarts=0",
      "linuxguard-agen",
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
