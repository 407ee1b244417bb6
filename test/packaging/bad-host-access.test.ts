import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";

const { account, audit, auditGroup, directories, receipts } = footprint;
const own = directories.filter(({ isVolatile }) => !isVolatile);

/** Makes auditd's package of what is installed, with another setting that it ships. */
const repack = `mkdir -p /repack/DEBIAN
dpkg -L auditd | while read -r path; do [ -d "$path" ] || echo ".$path"; done >/list
tar -C / -cf - -T /list | tar -C /repack -xf -
mkdir -p /repack/var/log/audit
sed -i 's/^num_logs.*/num_logs = 77/' /repack/etc/audit/auditd.conf
for part in postinst postrm preinst prerm conffiles; do
  [ ! -e /var/lib/dpkg/info/auditd.$part ] || cp /var/lib/dpkg/info/auditd.$part /repack/DEBIAN/$part
done
dpkg -s auditd | sed '/^Status:/d; /^Conffiles:/,/^[^ ]/{/^Conffiles:/d; /^ /d}' >/repack/DEBIAN/control
dpkg-deb -b /repack /root/auditd.deb >/dev/null`;

describe("linuxguard-setup", { concurrency: false }, () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-access-"));
  let deb = "";
  let debian: DebianRoot;
  let withLogs = "";

  before(async () => {
    deb = await makeStubDeb(work, { version: "1.0" });
    debian = new DebianRoot(suites[0], [deb]);
    debian.renew();
    debian.shell(`cd /var/log/audit
useradd bob
touch audit.log audit.log.1
chgrp adm . audit.log audit.log.1
chmod 0640 audit.log
chmod 0440 audit.log.1
${repack}`);
    withLogs = debian.keep();
  });
  beforeEach(() => {
    debian.renew(withLogs);
  });
  after(() => {
    debian[Symbol.dispose]();
    rmSync(work, { recursive: true });
  });

  const readers = () => debian.run("getfacl", "-Rp", "/var/log/audit");
  const hostFiles = () => debian.look("/etc/audit", "/var/log/audit");
  const conf = () => debian.run("cat", audit.daemonConfig);

  test("plans what is missing, makes it, and then has nothing to plan", () => {
    debian.install(deb);
    debian.shell(`gpasswd --delete ${account.name} ${auditGroup}
rm -r ${own.map(({ path }) => path).join(" ")} ${receipts} ${audit.rules}
setfacl -Rb /var/log/audit
userdel ${account.name}
groupdel ${auditGroup}`);
    const before = hostFiles();

    const planned = debian.run("linuxguard-setup", "plan");

    assert.equal(hostFiles(), before);
    assert.deepEqual(planned.trim().split("\n"), [
      `make group ${account.group}`,
      `make group ${auditGroup}`,
      `make system account ${account.name}, without a login shell`,
      `add ${account.name} to group ${auditGroup}`,
      ...own.map(
        ({ path }) => `make directory ${path}, ${account.name}:${account.group}, mode 0750`,
      ),
      `access of ${auditGroup} to the audit log: acl`,
      `put audit rules of tiers base into ${audit.rules}`,
    ]);
    debian.run("linuxguard-setup", "apply");
    assert.equal(debian.run("linuxguard-setup", "plan"), "");
    assert.match(readers(), new RegExp(`^group:${auditGroup}:r-x$`, "m"));
  });

  test("undoes rules, access and memberships, and does them again", () => {
    const before = hostFiles();
    const groups = debian.run("getent", "group");
    debian.install(deb);
    const installed = hostFiles();
    const joined = debian.run("id", account.name);

    debian.run("linuxguard-setup", "remove");

    assert.equal(hostFiles(), before);
    assert.ok(debian.run("getent", "group").startsWith(groups));
    assert.doesNotMatch(debian.run("id", account.name), /audit|journal/);
    debian.shell(`linuxguard-setup apply; usermod -a -G systemd-journal ${account.name}`);
    assert.equal(hostFiles(), installed);
    assert.equal(debian.run("id", account.name), joined);
  });

  test("adds and withdraws tiers of rules, and says which it does not know", () => {
    debian.install(deb);
    const base = debian.run("cat", audit.rules);

    debian.run("linuxguard-setup", "rules", "base", "network");
    assert.equal(
      debian.run("cat", audit.rules),
      base + debian.run("cat", "/usr/share/linuxguard/rules.d/network.rules"),
    );
    assert.equal(debian.tryRun("linuxguard-setup", "rules", "nonsense").status, 64);
    debian.run("linuxguard-setup", "rules");
    assert.ok(!debian.has(audit.rules));
    debian.run("linuxguard-setup", "apply");
    assert.ok(!debian.has(audit.rules));
    debian.run("linuxguard-setup", "rules", "base");
    assert.equal(debian.run("cat", audit.rules), base);
  });

  for (const [what, spoil] of [
    ["nobody but the group", ":"],
    ["a person", "setfacl -m u:bob:rx /var/log/audit; setfacl -m u:bob:r /var/log/audit/audit.log"],
    [
      "a person, and of files to come too",
      "setfacl -m u:bob:rx,d:u::rwx,d:g::rx,d:o::r,d:u:bob:rw /var/log/audit",
    ],
  ] as const) {
    test(`switches between the ways of access where the log is read by ${what}, who keeps access`, () => {
      debian.shell(spoil);
      const before = hostFiles();
      const lines = readers().match(/^(?:default:)?user:bob:.*$/gm) ?? [];
      debian.install(deb);

      for (const [mode, group, list] of [
        ["log-group", auditGroup, "adm"],
        ["acl", "adm", auditGroup],
        ["log-group", auditGroup, "adm"],
        ["auto", "adm", auditGroup],
        ["none", "adm", undefined],
        ["auto", "adm", auditGroup],
        ["log-group", auditGroup, "adm"],
      ] as const) {
        debian.run("linuxguard-setup", "audit-access", mode);

        assert.match(conf(), new RegExp(`^log_group = ${group}$`, "m"), mode);
        const named = readers().match(/^group:[^:]+:.*$/gm) ?? [];
        const expected =
          list === undefined ? [] : [`group:${list}:r-x`, `group:${list}:r--`, `group:${list}:r--`];
        assert.deepEqual(
          named.map((line) => line.replace(/\s+#.*/, "")),
          expected,
          mode,
        );
        for (const line of lines) assert.ok(readers().includes(line), `${mode}: ${readers()}`);
        assert.equal(debian.run("linuxguard-setup", "plan"), "");
      }
      debian.run("dpkg", "-P", "linuxguard");
      assert.equal(hostFiles(), before);
    });
  }

  for (const line of ["log_group = root", ""]) {
    test(`sets the group, and leaves it at that, where the log is for root alone by "${line}"`, () => {
      debian.shell(`sed -i 's/^log_group.*/${line}/' ${audit.daemonConfig}`);
      const before = hostFiles();
      debian.install(deb);

      for (const mode of ["auto", "acl", "auto"]) {
        debian.run("linuxguard-setup", "audit-access", mode);
        debian.run("linuxguard-setup", "apply");
        assert.equal(conf().includes(auditGroup), mode === "auto", mode);
        assert.equal(debian.run("linuxguard-setup", "plan"), "", mode);
      }
      debian.run("dpkg", "-P", "linuxguard");
      assert.equal(hostFiles(), before);
    });
  }

  test("takes access back where it gave it, and gives it where the log is now", () => {
    debian.install(deb);
    const before = debian.run("getfacl", "-Rp", "/srv");
    debian.shell(`mkdir /srv/log; touch /srv/log/audit.log
sed -i 's#^log_file.*#log_file = /srv/log/audit.log#' ${audit.daemonConfig}`);

    debian.run("linuxguard-setup", "apply");

    assert.doesNotMatch(readers(), new RegExp(auditGroup));
    assert.match(
      debian.run("getfacl", "-p", "/srv/log/audit.log"),
      new RegExp(`^group:${auditGroup}:r--$`, "m"),
    );
    debian.shell("dpkg -P linuxguard; rm -r /srv/log");
    assert.equal(debian.run("getfacl", "-Rp", "/srv"), before);
  });

  test("gives access to logs, and to nothing that a link among them stands for", () => {
    debian.shell("touch /srv/foreign; ln -s /srv/foreign /var/log/audit/audit.log.9");
    const before = debian.run("getfacl", "-p", "/srv/foreign");

    debian.install(deb);
    assert.equal(debian.run("getfacl", "-p", "/srv/foreign"), before);
    debian.shell(`setfacl -m g:${auditGroup}:r /srv/foreign`);
    debian.run("linuxguard-setup", "remove");

    assert.match(
      debian.run("getfacl", "-p", "/srv/foreign"),
      new RegExp(`^group:${auditGroup}:`, "m"),
    );
  });

  test("leaves a group that the administrator set since", () => {
    debian.install(deb);
    debian.run("linuxguard-setup", "audit-access", "log-group");
    debian.shell(`sed -i 's/^log_group.*/log_group = bob/' ${audit.daemonConfig}`);
    const since = conf();

    debian.run("linuxguard-setup", "remove");

    assert.equal(conf(), since);
  });

  test("removes what an act left that was killed", () => {
    debian.install(deb);
    debian.shell(`touch /etc/audit/.linuxguard.AbCdEf /etc/audit/rules.d/.linuxguard.123456`);

    debian.run("linuxguard-setup", "remove");

    assert.equal(debian.run("find", "/etc/audit", "-name", "*linuxguard*"), "");
  });

  test("fails if it could not do all, so that a script can tell", () => {
    debian.install(deb);
    debian.shell(
      `rm -r /var/log/audit; touch /var/log/audit; rm ${audit.rules}; mkdir ${audit.rules}`,
    );

    for (const [complaint, ...command] of [
      ["/var/log/audit is no directory; no access is given", "apply"],
      ["/var/log/audit is no directory; no access is given", "audit-access", "acl"],
      [`cannot write ${audit.rules}; it stays as it was`, "rules", "base"],
    ] as const) {
      const { status, said } = debian.tryRun("linuxguard-setup", ...command);

      assert.equal(status, 1, command.join(" "));
      assert.ok(said.includes(`linuxguard: ${complaint}\n`), said);
    }
  });

  test("is not needed when auditd is installed after the package: its trigger gives access and rules", () => {
    debian.shell(
      "dpkg --force-depends --purge auditd 2>/dev/null; rm -rf /etc/audit /var/log/audit",
    );

    const { said } = debian.tryRun("dpkg", "--force-depends", "-i", `/root/${basename(deb)}`);

    assert.match(
      said,
      /^linuxguard: auditd is not installed; access to its log is given when it is$/m,
    );
    assert.match(said, /^linuxguard: auditd is not installed; the audit rules follow when it is$/m);
    debian.run("dpkg", "-i", "/root/auditd.deb");
    assert.ok(debian.has(audit.rules));
    assert.match(readers(), new RegExp(`^group:${auditGroup}:r-x$`, "m"));
    assert.equal(debian.run("dpkg", "--audit"), "");
    assert.equal(debian.run("linuxguard-setup", "plan"), "");
  });

  test("is not needed when auditd's package replaces auditd.conf: the group is set again, and put back at the end", () => {
    debian.install(deb);
    debian.run("linuxguard-setup", "audit-access", "log-group");

    debian.run("dpkg", "--force-confnew", "-i", "/root/auditd.deb");

    assert.match(conf(), new RegExp(`^log_group = ${auditGroup}$`, "m"));
    debian.run("dpkg", "-P", "linuxguard");
    assert.equal(conf(), debian.run("cat", "/repack/etc/audit/auditd.conf"));
  });
});
