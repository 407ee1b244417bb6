import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";

const { account, audit, auditGroup, directories, receipts } = footprint;
const own = directories.filter(({ isVolatile }) => !isVolatile).map(({ path }) => path);

/** A life of the package in a Debian of its own, without a running system: the kernel is not touched. */
for (const suite of suites) {
  describe(`The package in a ${suite.release} that does not run`, { concurrency: false }, () => {
    const work = mkdtempSync(join(tmpdir(), "linuxguard-life-"));
    let older = "";
    let newer = "";
    let debian: DebianRoot;

    before(async () => {
      older = await makeStubDeb(join(work, "older"), { version: "1.0" });
      newer = await makeStubDeb(join(work, "newer"), { version: "1.1" });
      debian = new DebianRoot(suite, [older, newer]);
    });
    beforeEach(() => {
      debian.renew();
    });
    after(() => {
      debian[Symbol.dispose]();
      rmSync(work, { recursive: true });
    });

    function isConsistent(): void {
      assert.equal(debian.run("dpkg", "--audit"), "");
    }

    test("is installed, upgraded, downgraded, removed, installed again and purged, and leaves nothing but its account", () => {
      const before = debian.look(
        "/etc/audit",
        "/usr/lib/systemd",
        "/usr/bin",
        "/usr/share/doc",
        "/var/log/audit",
        "/var/lib/systemd",
      );
      const groups = debian.run("getent", "group");

      debian.install(older);
      const id = debian.run("id", account.name);
      assert.match(id, new RegExp(`\\(${auditGroup}\\)`));
      assert.match(debian.run("getent", "passwd", account.name), /:\/usr\/sbin\/nologin\n$/);
      const made = debian
        .run("stat", "-c", "%n %F %U:%G %a", ...own)
        .trimEnd()
        .split("\n");
      assert.deepEqual(
        made,
        own.map((path) => `${path} directory ${account.name}:${account.group} 750`),
      );
      assert.match(debian.run("cat", audit.rules), /key=lg_exec\n/);
      assert.equal(debian.run("linuxguard-setup", "plan"), "");
      debian.install(newer);
      debian.install(older);
      debian.run("dpkg", "-r", "linuxguard");
      assert.equal(debian.tryRun("test", "-e", audit.rules).status, 1);
      debian.install(newer);
      debian.run("dpkg", "-P", "linuxguard");

      assert.equal(
        debian.look(
          "/etc/audit",
          "/usr/lib/systemd",
          "/usr/bin",
          "/usr/share/doc",
          "/var/log/audit",
          "/var/lib/systemd",
        ),
        before,
      );
      const left = debian
        .run("getent", "group")
        .split("\n")
        .filter((line) => !groups.includes(line));
      assert.deepEqual(
        left.map((line) => line.replace(/:x:\d+:/, ":")).toSorted(),
        [auditGroup, account.group].map((name) => `${name}:`),
      );
      for (const path of [...own, receipts])
        assert.equal(debian.tryRun("test", "-e", path).status, 1, path);
      isConsistent();
    });

    test("gives access by an access control list where the log has a group, and by log_group where it has none", () => {
      debian.install(older);
      assert.match(
        debian.run("getfacl", "-p", "/var/log/audit"),
        new RegExp(`^group:${auditGroup}:r-x$`, "m"),
      );
      assert.match(debian.run("cat", audit.daemonConfig), /^log_group = adm$/m);

      debian.run("linuxguard-setup", "audit-access", "log-group");
      assert.match(
        debian.run("cat", audit.daemonConfig),
        new RegExp(`^log_group = ${auditGroup}$`, "m"),
      );
      assert.doesNotMatch(debian.run("getfacl", "-p", "/var/log/audit"), new RegExp(auditGroup));

      debian.run("dpkg", "-r", "linuxguard");
      assert.match(debian.run("cat", audit.daemonConfig), /^log_group = adm$/m);
    });

    test("takes the answers of a preseed, and keeps no token", () => {
      debian.answer("audit-access", "select", "log-group");
      debian.answer("rule-tiers", "multiselect", "base, network");
      debian.answer("enrolment-token", "password", "planted-token-7391");
      debian.answer("read-journal", "boolean", "false");

      debian.install(older);

      assert.match(
        debian.run("cat", audit.daemonConfig),
        new RegExp(`^log_group = ${auditGroup}$`, "m"),
      );
      assert.match(debian.run("cat", audit.rules), /key=lg_net/);
      assert.doesNotMatch(debian.run("id", account.name), /systemd-journal/);
      assert.equal(
        debian.tryRun("grep", "-r", "planted-token-7391", "/var/cache/debconf", "/etc", "/var/lib")
          .status,
        1,
      );
    });

    test("refuses a console without https in a clear line, with nothing changed", () => {
      debian.answer("console-url", "string", "http://console.example/");

      const { status, said } = debian.tryRun("dpkg", "-i", `/root/${basename(older)}`);

      assert.notEqual(status, 0);
      assert.match(
        said,
        /console URL must begin with https:\/\/ and have no user in it: current value is "http:\/\/console\.example\/"/,
      );
      assert.equal(debian.tryRun("getent", "passwd", account.name).status, 2);
    });

    for (const [what, spoil, complaint] of [
      ["an account of a person", "useradd --uid 1200 linuxguard", /is a person's/],
      ["an account with uid 0", "useradd --non-unique --uid 0 linuxguard", /has uid 0/],
      ["an account that can log in", "useradd --system --shell /bin/bash linuxguard", /can log in/],
      [
        "a link in place of a directory",
        "ln -s /srv /var/lib/linuxguard",
        /\/var\/lib\/linuxguard is a link/,
      ],
      [
        "a file in place of a directory",
        "touch /etc/linuxguard",
        /\/etc\/linuxguard is a link or no directory/,
      ],
    ] as const) {
      test(`refuses ${what}, with nothing changed (I8)`, () => {
        debian.run("sh", "-c", spoil);
        const before = debian.look("/etc", "/srv", "/var/log/audit");

        const { status, said } = debian.tryRun("dpkg", "-i", `/root/${basename(older)}`);

        assert.notEqual(status, 0);
        assert.match(said, complaint);
        assert.equal(debian.look("/etc", "/srv", "/var/log/audit"), before);
      });
    }

    for (const [what, spoil] of [
      [
        "linked auditd.conf",
        "mv /etc/audit/auditd.conf /etc/audit/real && ln -s real /etc/audit/auditd.conf",
      ],
      ["void auditd.conf", ": >/etc/audit/auditd.conf"],
      ["missing auditd.conf", "rm /etc/audit/auditd.conf"],
    ] as const) {
      test(`bears a ${what}`, () => {
        debian.run("sh", "-c", spoil);
        const before = debian.look("/etc/audit");

        debian.install(older);
        debian.run("dpkg", "-P", "linuxguard");

        assert.equal(debian.look("/etc/audit"), before);
        isConsistent();
      });
    }
  });
}
