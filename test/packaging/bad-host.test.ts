import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";

const { audit, auditGroup, receipts } = footprint;
const unit = `${footprint.service}.service`;
const wants = `/etc/systemd/system/multi-user.target.wants/${unit}`;

/** Every path of the host that installing could leave worse; the accounts stay, by design. */
function lookAt(debian: DebianRoot): readonly string[] {
  return debian
    .look("/etc", "/var/log/audit", "/var/lib/systemd", "/srv")
    .split("\n")
    .filter((line) => !/^\/etc\/(?:g?shadow|group|passwd)-? /.test(line))
    .filter((line) => !/^\/etc(?:\/audit(?:\/rules\.d)?)? d /.test(line));
}

describe("On an odd host the package", { concurrency: false }, () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-odd-"));
  let older = "";
  let newer = "";
  let debian: DebianRoot;

  before(async () => {
    older = await makeStubDeb(join(work, "older"), { version: "1.0" });
    newer = await makeStubDeb(join(work, "newer"), { version: "1.1" });
    debian = new DebianRoot(suites[0], [older, newer]);
  });
  beforeEach(() => {
    debian.renew();
  });
  after(() => {
    debian[Symbol.dispose]();
    rmSync(work, { recursive: true });
  });

  function makeReadOnly(path: string): void {
    const folder = join(debian.path, path);
    execFileSync("mount", ["--bind", folder, folder]);
    execFileSync("mount", ["-o", "remount,bind,ro", folder]);
  }

  function makeWritable(path: string): void {
    execFileSync("umount", [join(debian.path, path)]);
  }

  function stateOf(): string {
    return debian.run("dpkg-query", "-W", "-f", "$" + "{db:Status-Abbrev}", "linuxguard").trim();
  }

  /** All is as it should be, and a purge leaves what was there before. */
  function endsWell(before: readonly string[]): void {
    assert.equal(debian.run("dpkg", "--audit"), "");
    assert.equal(stateOf(), "ii");
    debian.run("dpkg", "-P", "linuxguard");
    assert.equal(debian.run("dpkg", "--audit"), "");
    assert.deepEqual(lookAt(debian), before);
    assert.ok(!debian.has(receipts));
  }

  test("stops at a read-only /etc in a clear line, changes nothing, and is completed once it can be written", () => {
    const before = lookAt(debian);
    makeReadOnly("/etc");

    const { status, said } = debian.tryRun("dpkg", "-i", `/root/${basename(older)}`);

    assert.equal(status, 1);
    assert.match(
      said,
      /^linuxguard: error: a group could not be made; put that right and run: dpkg --configure -a$/m,
    );
    assert.equal(stateOf(), "iF");
    assert.deepEqual(lookAt(debian), before);
    makeWritable("/etc");
    debian.run("dpkg", "--configure", "-a");
    assert.equal(debian.run("linuxguard-setup", "plan"), "");
    endsWell(before);
  });

  test("stays, whole, if it cannot be undone because its rules are read-only, and goes once it can be written", () => {
    const before = lookAt(debian);
    debian.install(older);
    const installed = lookAt(debian);
    makeReadOnly("/etc/audit");

    const { status, said } = debian.tryRun("dpkg", "-r", "linuxguard");

    assert.equal(status, 1);
    assert.match(said, /^linuxguard: error: .+; the package stays; put that right and remove it/m);
    assert.equal(stateOf(), "ri");
    assert.deepEqual(lookAt(debian), installed);
    makeWritable("/etc/audit");
    debian.install(older);
    endsWell(before);
  });

  test("is installed, upgraded and removed where there is no systemd", () => {
    debian.shell("rm /usr/bin/systemctl; [ ! -e /run/systemd/system ]");
    const before = lookAt(debian);

    const said = debian.install(older).said + debian.install(newer).said;

    assert.doesNotMatch(said, /not found|systemctl/);
    endsWell(before);
  });

  test("obeys a policy-rc.d that forbids to start anything", () => {
    debian.shell(
      "mkdir -p /run/systemd/system; printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d",
    );
    const before = lookAt(debian);

    const { said } = debian.install(older);

    assert.match(said, /policy-rc\.d/);
    assert.doesNotMatch(said, /the service did not start/);
    endsWell(before);
  });

  test("is installed though its service does not start, and says so", () => {
    const failing = "#!/bin/sh\\ncase $* in *start*) exit 1 ;; esac\\necho enabled\\n";
    debian.shell(
      `mkdir -p /run/systemd/system; rm /usr/bin/systemctl; printf '${failing}' >/usr/bin/systemctl; chmod +x /usr/bin/systemctl`,
    );
    const before = lookAt(debian);

    const { said } = debian.install(older);

    assert.match(said, /^linuxguard: the service did not start; see: systemctl status /m);
    endsWell(before);
  });

  test("leaves its unit masked if the administrator masked it", () => {
    debian.run("systemctl", "mask", unit);
    const before = lookAt(debian);

    debian.install(older);
    debian.install(newer);

    assert.equal(debian.tryRun("systemctl", "is-enabled", unit).stdout, "masked\n");
    endsWell(before);
  });

  test("leaves its unit disabled over an upgrade if the administrator disabled it", () => {
    const before = lookAt(debian);
    debian.install(older);
    assert.ok(debian.has(wants));

    debian.run("systemctl", "disable", unit);
    debian.install(newer);

    assert.ok(!debian.has(wants));
    endsWell(before);
  });

  for (const [what, text] of [
    [
      "edited",
      "# mine\r\n\tnum_logs =  7\nlog_group = adm\nname_format = \\\\ok\n# log_group = root\n",
    ],
    ["without a group", "num_logs = 9\nlog_file = /var/log/audit/audit.log\n"],
    ["broken", "\\377\\000\\001 = = =\nlog_group = nogroup\nlog_group\n[section]\n%s%n\n"],
  ] as const) {
    test(`keeps an auditd.conf that is ${what}, but for the group, and puts it back`, () => {
      debian.shell(`printf '%b' '${text.replaceAll("\n", "\\n")}' >${audit.daemonConfig}`);
      const group = /^log_group = .*$/m;
      const conf = () => debian.run("cat", audit.daemonConfig);
      const original = conf();
      const before = lookAt(debian);
      debian.answer("audit-access", "select", "log-group");

      debian.install(older);

      assert.match(conf(), new RegExp(`^log_group = ${auditGroup}$`, "m"));
      assert.equal(
        conf().replace(group, ""),
        original.replace(group, "") + (group.test(original) ? "" : "\n"),
      );
      endsWell(before);
    });
  }

  test("leaves a bad rule of somebody else's as it is", () => {
    debian.shell("echo '-a always,exit -S nonsense -k other' >/etc/audit/rules.d/50-other.rules");
    const before = lookAt(debian);

    debian.install(older);

    assert.ok(debian.has(audit.rules));
    endsWell(before);
  });

  test("refuses a person's account that came between unpacking and configuring (I8)", () => {
    debian.run("dpkg", "--unpack", `/root/${basename(older)}`);
    debian.run("useradd", "--uid", "1200", "linuxguard");
    const before = debian.look("/etc");

    const { status, said } = debian.tryRun("dpkg", "--configure", "-a");

    assert.equal(status, 1);
    assert.match(said, /^linuxguard: error: account linuxguard is a person's/m);
    assert.equal(debian.look("/etc"), before);
  });

  test("is installed where there is no group for the journal", () => {
    debian.run("groupdel", "systemd-journal");
    const before = lookAt(debian);

    debian.install(older);

    endsWell(before);
  });

  test("leaves owner and mode of a directory to the administrator who set them for dpkg", () => {
    const path = "/var/log/linuxguard";
    debian.shell(`mkdir -m 0700 ${path}; dpkg-statoverride --add root root 0700 ${path}`);

    debian.install(older);

    assert.equal(debian.run("stat", "-c", "%U:%G %a", path), "root:root 700\n");
  });

  test("says what to do where there is no tool for access control lists", () => {
    debian.shell("rm /usr/bin/setfacl");
    const before = lookAt(debian);

    const { said } = debian.install(older);

    assert.match(
      said,
      /^linuxguard: the audit log belongs to group adm; install acl or choose log-group/m,
    );
    endsWell(before);
  });

  test("says that a list has no effect where the audit log is for root alone", () => {
    debian.shell(`sed -i 's/^log_group.*/log_group = root/' ${audit.daemonConfig}`);
    debian.answer("audit-access", "select", "acl");
    const before = lookAt(debian);

    const { said } = debian.install(older);

    assert.match(
      said,
      /^linuxguard: the audit log is for root alone, and then a list has no effect; choose log-group$/m,
    );
    endsWell(before);
  });

  for (const [what, spoil, complaint] of [
    [
      "a link in place of its receipts",
      `ln -s /srv ${receipts}`,
      "is a link or no directory; move it away",
    ],
    [
      "a file in place of its receipts",
      `touch ${receipts}`,
      "is a link or no directory; move it away",
    ],
    ["a directory in place of its rules", `mkdir ${audit.rules}`, "it stays as it was"],
    [
      "a link in place of auditd.conf, whose group it is to set",
      `mv ${audit.daemonConfig} /etc/real; ln -s /etc/real ${audit.daemonConfig}
echo 'linuxguard linuxguard/audit-access select log-group' | debconf-set-selections`,
      "is no regular file; left alone",
    ],
    [
      "a link in place of the log's directory",
      "mv /var/log/audit /srv/audit; ln -s /srv/audit /var/log/audit",
      "/var/log/audit is no directory; no access is given",
    ],
    [
      "no directory for rules",
      "rm -r /etc/audit/rules.d",
      "auditd is not installed; the audit rules follow when it is",
    ],
  ] as const) {
    test(`bears ${what}, says so, and leaves it there`, () => {
      debian.shell(spoil);
      const before = lookAt(debian);

      const { said } = debian.install(older);

      assert.ok(said.includes(complaint), said);
      assert.equal(debian.run("dpkg", "--audit"), "");
      debian.run("dpkg", "-P", "linuxguard");
      assert.deepEqual(lookAt(debian), before);
    });
  }
});
