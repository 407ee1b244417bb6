import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { type Auditd, startAuditd } from "#test/support/auditd.ts";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";

const { audit, rulesDirectory } = footprint;
const foreign = "-a always,exit -F path=/etc/hosts -F perm=w -F key=other";

/** The only tests in which a package's scripts reach the kernel: its audit is this test's meanwhile. */
describe("Audit rules in a kernel that takes them", { concurrency: false }, () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-rules-"));
  let debian: DebianRoot;
  let auditd: Auditd;
  let installed = "";

  before(async () => {
    const deb = await makeStubDeb(work, { version: "1.0" });
    debian = new DebianRoot(suites[0], [deb]);
    debian.renew();
    debian.install(deb);
    // A few rules of each kind: a kernel takes seconds for all of them.
    debian.shell(`mkdir -p /run/systemd/system
sed -i '/execve\\|io_uring\\|shadow/!d' ${rulesDirectory}/base.rules`);
    installed = debian.keep();
    auditd = await startAuditd();
  });
  beforeEach(async () => {
    debian.renew(installed);
    // Scripts ask whether their root is that of the first process.
    const proc = join(debian.path, "proc");
    execFileSync("umount", [proc]);
    execFileSync("mount", ["-t", "tmpfs", "none", proc]);
    mkdirSync(join(proc, "1/root"), { recursive: true });
    execFileSync("mount", ["--bind", debian.path, join(proc, "1/root")]);
    await auditd.deleteRules();
    await auditd.rules([foreign]);
  });
  after(async () => {
    await auditd.stop();
    debian[Symbol.dispose]();
    rmSync(work, { recursive: true });
  });

  const loaded = async () => (await auditd.auditctl("-l")).trim().split("\n").toSorted();
  const apply = () => debian.tryRun("linuxguard-setup", "apply");
  const persisted = () => debian.run("cat", audit.rules);

  test("are loaded once however often it is asked for, beside those of others, and withdrawn alone (I7)", async () => {
    const before = await loaded();

    debian.run("linuxguard-setup", "apply");
    const first = await loaded();
    debian.run("linuxguard-setup", "apply");

    assert.ok(
      first.some((rule) => rule.includes("lg_exec")),
      first.join("\n"),
    );
    assert.ok(before.every((rule) => first.includes(rule)));
    assert.deepEqual(await loaded(), first);
    assert.match(debian.run("cat", "/etc/audit/audit.rules"), /key=lg_exec/);
    debian.run("linuxguard-setup", "remove");
    assert.deepEqual(await loaded(), before);
    assert.ok(!debian.has("/etc/audit/audit.rules.prev"));
    assert.doesNotMatch(debian.run("cat", "/etc/audit/audit.rules"), /key=lg_/);
  });

  test("stay as they were, loaded and persisted, if the kernel refuses one of the new (I7)", async () => {
    debian.run("linuxguard-setup", "apply");
    const [before, file] = [await loaded(), persisted()];
    debian.shell(
      `echo '-a always,exit -F arch=b64 -S nonsense -F key=lg_bad' >>${rulesDirectory}/base.rules`,
    );

    const { status, said } = apply();

    assert.equal(status, 1);
    assert.match(said, /^linuxguard: the kernel refused the audit rules; those from before stay$/m);
    assert.deepEqual(await loaded(), before);
    assert.equal(persisted(), file);
  });

  test("of the first installation are dropped as a whole if the kernel refuses one (I7)", async () => {
    const before = await loaded();
    debian.shell(`rm ${audit.rules}; echo nonsense >>${rulesDirectory}/base.rules`);

    assert.equal(apply().status, 1);

    assert.deepEqual(await loaded(), before);
    assert.ok(!debian.has(audit.rules));
  });

  test("stay loaded if they cannot be withdrawn from the disk (I7)", async () => {
    debian.run("linuxguard-setup", "apply");
    const before = await loaded();
    const folder = join(debian.path, "etc");
    execFileSync("mount", ["--bind", folder, folder]);
    execFileSync("mount", ["-o", "remount,bind,ro", folder]);

    const { status, said } = debian.tryRun("linuxguard-setup", "remove");

    execFileSync("umount", [folder]);
    assert.equal(status, 1);
    assert.match(said, /^linuxguard: cannot remove /m);
    assert.deepEqual(await loaded(), before);
  });

  test("of others that are not loaded are named, as a bad one takes ours with it at boot (I7)", () => {
    debian.shell(
      `echo '-a always,exit -F arch=b64 -S nonsense -F key=lost' >/etc/audit/rules.d/50-lost.rules`,
    );

    const { status, said } = apply();

    assert.equal(status, 0);
    assert.match(
      said,
      /^linuxguard: \/etc\/audit\/rules\.d\/50-lost\.rules has rules that are not loaded \(key lost\); /m,
    );
  });

  test("that record nothing, as tasks are never audited, are told of", async () => {
    await auditd.rules(["-a task,never"]);

    const { said } = apply();

    assert.match(said, /^linuxguard: a rule -a task,never is loaded: /m);
  });

  for (const [where, spoil, state] of [
    [
      "the kernel does no auditing for the container",
      ":",
      /^linuxguard: the kernel does no auditing here, as in most containers; the audit rules wait$/m,
    ],
    [
      "no system is running",
      "rm -r /run/systemd",
      /^linuxguard: no running system here; the audit rules load at its next boot$/m,
    ],
    [
      "there is no auditctl",
      "rm /usr/sbin/auditctl",
      /^linuxguard: auditctl is missing; the audit rules load once auditd is installed$/m,
    ],
  ] as const) {
    test(`are persisted, and not loaded, where ${where}`, () => {
      debian.shell(`rm ${audit.rules}; ${spoil}`);
      const path = debian.path;

      const said = execFileSync(
        "unshare",
        [
          "--pid",
          "--fork",
          "--mount",
          "sh",
          "-c",
          `umount ${path}/proc/1/root ${path}/proc; mount -t proc proc ${path}/proc; exec chroot ${path} linuxguard-setup apply 2>&1`,
        ],
        { encoding: "utf8" },
      );

      assert.match(said, state);
      assert.match(persisted(), /key=lg_exec/);
    });
  }
});
