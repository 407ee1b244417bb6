import assert from "node:assert/strict";
import { test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { suites } from "#test/support/debian-root.ts";
import { machine } from "./machines.ts";

const service = footprint.service;
/** Of all, the newest systemd refuses new code in most ways. */
const suite = suites.at(-1) ?? suites[0];
/** A processor in software, half of which is the agent's. */
const timeoutMs = 400_000;

test(`On ${suite.release}, the agent without a compiler runs and reloads where new code is refused`, async () => {
  await using vm = await machine(suite, "installed");
  await vm.must("dpkg --install $(find /mnt/apt/pool -name 'linuxguard-jitless_*.deb')", timeoutMs);
  const dropIns = `/etc/systemd/system/${service}.service.d`;
  await vm.must(`systemctl stop ${service}; rm -f ${identity.runtimeDirectory}/status.json
    mkdir ${dropIns}; cp ${footprint.dropInDirectory}/50-no-new-code.conf ${dropIns}
    systemctl daemon-reload; systemctl start ${service}`);

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
});
