import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";
import type { CommandEnd } from "#test/support/vm/channel.ts";
import type { Vm } from "#test/support/vm.ts";
import { machine } from "./machines.ts";

const slowMs = 300_000;
const { rules } = footprint.audit;
const install =
  "DEBIAN_FRONTEND=noninteractive dpkg --force-depends --install /root/linuxguard.deb";
const other = "-a always,exit -F arch=b64 -S personality -F key=other";

for (const suite of suites) {
  describe(`On a running ${suite.release}, the package`, { concurrency: false }, () => {
    const folder = mkdtempSync(join(tmpdir(), "linuxguard-states-"));
    let vm: Vm;

    before(async () => {
      const deb = await makeStubDeb(folder);
      vm = await machine(suite, "fresh");
      await vm.put(readFileSync(deb), "/root/linuxguard.deb");
      await vm.must(`cp /sbin/auditctl /root/; auditctl ${other}
        mkdir /root/over; mount -t tmpfs tmpfs /root/over
        mkdir /root/over/changes /root/over/work /root/over/root
        mount -t overlay -o lowerdir=/,upperdir=/root/over/changes,workdir=/root/over/work overlay /root/over/root
        cp /root/linuxguard.deb /root/over/root/root/`);
    });
    after(async () => {
      await vm[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    });

    /** Installs it, and proves that it says a state in words, fails nothing and leaves others' rules. */
    async function installAs(state: RegExp, line = install): Promise<CommandEnd> {
      const end = await vm.run(line, { timeoutMs: slowMs });
      const said = `${end.stdout}${end.stderr}`;
      assert.equal(end.status, 0, said);
      assert.match(said, state);
      assert.doesNotMatch(said, /error:|rules could not|access .*could not/);
      assert.equal(await vm.must("dpkg --audit"), "");
      assert.match(await vm.must("/root/auditctl -l"), /key=other/);
      return end;
    }

    /** Its keys among the rules that the kernel has. */
    async function loaded(): Promise<number> {
      return (await vm.must("/root/auditctl -l")).split("key=lg_").length - 1;
    }

    test("loads no rules from a chroot, whose kernel is the host's, and says when they are", async () => {
      await installAs(/no running system here/, `chroot /root/over/root sh -c '${install}'`);

      assert.equal(await loaded(), 0);
      await vm.must(`test -s /root/over/root${rules}; test ! -e ${rules}`);
      await vm.must("chroot /root/over/root dpkg --purge linuxguard", slowMs);
    });

    test("loads no rules from a container, and says so", async () => {
      const contain = "unshare --mount --pid --net --uts --ipc --fork";
      const inside = `mount -t proc proc /proc; ${install}`;

      await installAs(
        /no running system here|no auditing here/,
        `${contain} chroot /root/over/root sh -c '${inside}'`,
      );

      assert.equal(await loaded(), 0);
      await vm.must(`test -s /root/over/root${rules}; test ! -e ${rules}`);
    });

    test("loads its rules beside -a task,never, and says what that does", async () => {
      await vm.must("auditctl -a task,never");

      await installAs(/-a task,never is loaded: the kernel records no system calls/);

      assert.ok((await loaded()) > 0);
      await vm.must("dpkg --purge linuxguard; auditctl -d task,never", slowMs);
    });

    test("keeps its rules for the next boot where they are locked (-e 2), and says so", async () => {
      await vm.must("auditctl -e 2");

      await installAs(/the audit rules are locked \(-e 2\); they load at the next boot/);

      assert.equal(await loaded(), 0);
      await vm.must(`test -s ${rules}`);
    });

    test("is installed where auditd is missing, and says what waits for it", async () => {
      await vm.must("dpkg --purge linuxguard; dpkg --force-depends --purge auditd", slowMs);

      await installAs(/auditd is not installed; the audit rules follow when it is/);

      await vm.must(`test ! -e ${rules}`);
    });
  });
}
