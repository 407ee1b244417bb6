import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";

const { audit, auditGroup, receipts } = footprint;
const unit = `${footprint.service}.service`;
const wants = `/etc/systemd/system/multi-user.target.wants/${unit}`;

describe("On a full disk the package", { concurrency: false }, () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-full-"));
  let debian: DebianRoot;
  let unpacked = "";
  let unpackedAgain = "";
  let configured = "";
  let original = "";
  let rules = "";

  before(async () => {
    const deb = await makeStubDeb(work, { version: "1.0" });
    debian = new DebianRoot(suites[0], [deb]);
    const unpack = () => {
      debian.answer("audit-access", "select", "log-group");
      debian.run("dpkg", "--unpack", `/root/${basename(deb)}`);
    };
    debian.renew();
    debian.install(deb);
    debian.run("dpkg", "-P", "linuxguard");
    unpack();
    unpackedAgain = debian.keep();
    debian.renew();
    debian.install(deb);
    debian.shell("linuxguard-setup audit-access none; linuxguard-setup rules");
    configured = debian.keep();
    debian.renew();
    unpack();
    original = debian.run("cat", audit.daemonConfig);
    rules = debian.run("cat", "/usr/share/linuxguard/rules.d/base.rules");
    unpacked = debian.keep();
  });
  after(() => {
    debian[Symbol.dispose]();
    rmSync(work, { recursive: true });
  });

  /** Puts /etc and the receipts on one file system that has so much left. */
  function leave({ pages, files }: { readonly pages: number; readonly files: number }): void {
    debian.shell(`mkdir -p /small ${receipts}`);
    const small = join(debian.path, "small");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=100m", "none", small]);
    debian.shell(`cp -a /etc /small/etc; cp -a ${receipts} /small/receipts`);
    execFileSync("mount", ["--bind", join(small, "etc"), join(debian.path, "etc")]);
    execFileSync("mount", ["--bind", join(small, "receipts"), join(debian.path, receipts)]);
    const counts = debian.run("stat", "-f", "-c", "%b %f %c %d", "/small").split(" ").map(Number);
    const [blocks = 0, freeBlocks = 0, inodes = 0, freeInodes = 0] = counts;
    const limits = `size=${(blocks - freeBlocks + pages) * 4096},nr_inodes=${inodes - freeInodes + files}`;
    execFileSync("mount", ["-o", `remount,${limits}`, small]);
  }

  function makeRoom(): void {
    execFileSync("mount", ["-o", "remount,size=100m,nr_inodes=100000", join(debian.path, "small")]);
  }

  /** Nothing is half there: each file is as before or as it should be, and nothing else is left. */
  function isWhole(at: string): void {
    const conf = debian.run("cat", audit.daemonConfig);
    const granted = original.replace(/^log_group = .*$/m, `log_group = ${auditGroup}`);
    assert.ok([original, granted].includes(conf), `${at}: ${conf}`);
    if (debian.has(audit.rules)) assert.equal(debian.run("cat", audit.rules), rules, at);
    assert.equal(
      debian.shell(
        `find /etc/audit ${receipts} -name '*linuxguard.*' ! -name 60-linuxguard.rules -o -name '.new.*'`,
      ),
      "",
      at,
    );
    assert.equal(debian.shell(`find ${receipts} -type f -empty`), "", at);
    debian.run("grpck", "-r");
    debian.run("pwck", "-qr");
  }

  /** Configures it, and again with room; returns whether the first time was enough. */
  function configure(room: { readonly pages: number; readonly files: number }): boolean {
    leave(room);
    const { status, said } = debian.tryRun("dpkg", "--configure", "linuxguard");
    const at = `${JSON.stringify(room)}: ${said}`;
    const isEnough = status === 0 && !/cannot|could not/i.test(said);
    if (!isEnough) assert.match(said, /^linuxguard: .*(?:run: |cannot write )/m, at);
    isWhole(at);

    makeRoom();
    debian.run("dpkg", "--configure", "-a");
    debian.run("linuxguard-setup", "apply");
    if (said.includes("could not be enabled")) debian.run("systemctl", "enable", unit);
    assert.equal(debian.run("linuxguard-setup", "plan"), "", at);
    assert.equal(debian.run("dpkg", "--audit"), "", at);
    assert.ok(debian.has(wants), at);
    return isEnough;
  }

  for (const [limit, isFirst] of [
    ["pages", true],
    ["files", true],
    ["pages", false],
    ["files", false],
  ] as const) {
    const when = isFirst ? "for the first time" : "again";
    test(`installed ${when} says what failed and is completed later, whichever of its ${limit} finds no room`, () => {
      let room = -1;
      do {
        room++;
        debian.renew(isFirst ? unpacked : unpackedAgain);
      } while (!configure({ pages: 1000, files: 1000, [limit]: room }));

      assert.ok(room > 4, `it never was too small: ${room}`);
    });
  }

  for (const limit of ["pages", "files"] as const) {
    test(`has access and rules wholly or not at all, whichever of their ${limit} finds no room`, () => {
      let room = -1;
      let failures = 0;
      do {
        room++;
        failures = 0;
        debian.renew(configured);
        leave({ pages: 1000, files: 1000, [limit]: room });
        for (const command of [
          ["audit-access", "log-group"],
          ["rules", "base"],
        ]) {
          const { status, said } = debian.tryRun("linuxguard-setup", ...command);
          if (status !== 0) failures++;
          isWhole(`${command[0]} with ${room} ${limit}: ${said}`);
        }
      } while (failures > 0);

      assert.ok(room > 1, `it never was too small: ${room}`);
    });
  }

  test("is purged, as removing its rules makes room for the rest", () => {
    debian.renew(unpacked);
    leave({ pages: 1000, files: 1000 });
    debian.run("dpkg", "--configure", "linuxguard");
    debian.shell("dd if=/dev/zero of=/small/rest bs=4k 2>/dev/null || :");

    debian.run("dpkg", "-P", "linuxguard");

    assert.equal(debian.run("dpkg", "--audit"), "");
    assert.equal(debian.run("cat", audit.daemonConfig), original);
    assert.ok(!debian.has(audit.rules));
  });
});
