import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { writeRpmRepo } from "#build/package/rpm-repo.ts";
import { SigningKey } from "#build/package/signing-key.ts";
import { footprint } from "#product/footprint.ts";
import { DebianRoot, type Ended, suites } from "#test/support/debian-root.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import { basics, makeEmptyRpm, PrivateDnf } from "#test/support/private-dnf.ts";
import { makeSigningKey, makeStubRpm } from "#test/support/stub-package.ts";

const { account, audit, auditGroup, directories, files, receipts } = footprint;
const own = directories.filter(({ isVolatile }) => !isVolatile).map(({ path }) => path);
const wants = "/etc/systemd/system/multi-user.target.wants/linuxguard.service";
const [suite] = suites;

/**
 * A life of the package with the real dnf and rpm. Debian's programs are those of a distribution of
 * rpm; that they are there is told to rpm by packages without files.
 */
describe("The package for rpm in a system that does not run", { concurrency: false }, () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-rpm-life-"));
  const repository = join(work, "repository");
  let debian: DebianRoot;
  let dnf: PrivateDnf;
  let distribution: readonly string[] = [];

  before(async () => {
    const packages = [
      await makeStubRpm(join(work, "packages"), { version: "1.0" }),
      await makeStubRpm(join(work, "packages"), { version: "1.1" }),
    ];
    using key = SigningKey.open(makeSigningKey(work));
    const url = `file://${repository}/`;
    writeRpmRepo({ packages, folder: repository, url, key, time: 0 });
    distribution = [
      makeEmptyRpm({ name: "basics", version: "1", provides: basics, folder: join(work, "stubs") }),
      makeEmptyRpm({ name: "audit", version: "3.0", folder: join(work, "stubs") }),
      makeEmptyRpm({ name: "audit", version: "3.1", folder: join(work, "stubs") }),
    ];
    debian = new DebianRoot(suite, []);
  });
  beforeEach(() => {
    debian.renew();
    // As RHEL and Fedora have it.
    debian.shell(`sed -i 's/^log_group = .*/log_group = root/' ${audit.daemonConfig}
      chmod 0700 /var/log/audit; chown root:root /var/log/audit`);
    dnf = new PrivateDnf(join(work, "dnf"), repository, debian.path);
    ends(dnf.rpm("--install", ...distribution.slice(0, 2)));
  });
  after(() => {
    debian[Symbol.dispose]();
    rmSync(work, { recursive: true });
  });

  function ends(ended: Ended): string {
    assert.equal(ended.status, 0, ended.said);
    return ended.said;
  }

  /** Every path but those of dnf and of rpm's own `filesystem` with kind, owner and mode, and what auditd's files have in them. */
  function look(): readonly string[] {
    const theirs =
      /^\/(?:etc\/dnf|tmp|var\/(?:lib\/(?:dnf|rpm)|cache\/dnf|log\/(?:dnf|hawkey)\S*))[/ ]|^\/usr\/share\/licenses /;
    const paths = debian.run("find", "/", "-xdev", "-printf", String.raw`%p %y %u:%g %m %l\n`);
    const lines = paths.split("\n").filter((line) => !theirs.test(line));
    return [...lines.toSorted(), ...debian.look("/etc/audit", "/var/log/audit").split("\n")];
  }

  /** The lines that are in one look and not in the other; a comparison of the whole would take a minute. */
  function changesOf(now: readonly string[], then: readonly string[]): readonly string[] {
    const [left, right] = [new Set(now), new Set(then)];
    return [...now.filter((line) => !right.has(line)), ...then.filter((line) => !left.has(line))];
  }

  function isWhole(version: string): void {
    assert.equal(dnf.rpm("-q", "--qf", "%{VERSION}", "linuxguard").stdout, version);
    assert.match(debian.run("id", account.name), new RegExp(`\\(${auditGroup}\\)`));
    assert.match(debian.run("getent", "passwd", account.name), /:\/usr\/sbin\/nologin\n$/);
    assert.equal(
      debian.run("stat", "-c", "%n %F %U:%G %a", ...own),
      own.map((path) => `${path} directory ${account.name}:${account.group} 750\n`).join(""),
    );
    assert.match(debian.run("cat", audit.rules), /key=lg_exec\n/);
    assert.match(debian.run("cat", audit.daemonConfig), /^log_group = linuxguard-audit$/m);
    assert.ok(debian.has(files.unit.path) && debian.has(wants), "enabled by the preset");
    assert.equal(debian.run("linuxguard-setup", "plan"), "");
    const { status, said } = dnf.rpm("--verify", "linuxguard");
    assert.deepEqual([status, said], [0, ""]);
  }

  test("is installed by name, upgraded, downgraded and erased, and leaves what the agent wrote, its account and root's notes", () => {
    const before = look();
    const groups = debian.run("getent", "group");
    const transcript: string[] = [];
    const tell = (...args: readonly string[]) => {
      transcript.push(`# dnf ${args.join(" ")}\n${ends(dnf.run(...args))}`);
    };

    tell("install", "linuxguard-1.0");
    isWhole("1.0");
    const installed = look();
    tell("upgrade", "linuxguard");
    isWhole("1.1");
    assert.deepEqual(
      changesOf(look(), installed),
      [],
      "Between two versions alike nothing differs",
    );
    tell("downgrade", "linuxguard");
    isWhole("1.0");
    assert.deepEqual(changesOf(look(), installed), [], "Nor on the way back");
    debian.run("runuser", "-u", account.name, "--", "touch", "/var/lib/linuxguard/spool");
    tell("remove", "linuxguard");
    keepEvidence("dnf install", transcript.join("\n"));

    const kept =
      /^\/(?:etc\/(?:passwd|group|g?shadow)-?|var\/lib\/linuxguard(?:-setup)?(?:\/.*)?) /;
    const changes = changesOf(look(), before);
    assert.deepEqual(
      changes.filter((line) => !kept.test(line)),
      [],
    );
    assert.equal(
      debian.run("ls", "-A", "/var/lib/linuxguard", receipts),
      `/var/lib/linuxguard:\nspool\n\n${receipts}:\naccess-wanted\nrules-wanted\n`,
    );
    const left = debian
      .run("getent", "group")
      .split("\n")
      .filter((line) => !groups.includes(line));
    assert.deepEqual(
      left.map((line) => line.replace(/:x:\d+:/, ":")).toSorted(),
      [auditGroup, account.group].map((name) => `${name}:`),
    );
  });

  test("gives access again where a new version of auditd's package took it away", () => {
    ends(dnf.run("install", "linuxguard"));
    debian.shell(
      `sed -i 's/^log_group = .*/log_group = root/' ${audit.daemonConfig}; rm ${audit.rules}`,
    );

    ends(dnf.rpm("--upgrade", ...distribution.slice(2)));

    isWhole("1.1");
  });

  test("leaves a service off that the administrator disabled, at an upgrade and the way back", () => {
    ends(dnf.run("install", "linuxguard-1.0"));
    debian.run("systemctl", "disable", "linuxguard.service");

    ends(dnf.run("upgrade", "linuxguard"));
    ends(dnf.run("downgrade", "linuxguard"));

    assert.equal(debian.has(wants), false);
  });

  test("leaves a service off where an administrator's preset says so", () => {
    debian.shell(`mkdir -p /etc/systemd/system-preset
      echo 'disable linuxguard.service' >/etc/systemd/system-preset/00-local.preset`);

    ends(dnf.run("install", "linuxguard"));

    assert.equal(debian.has(wants), false);
  });

  test("stays where its undoing fails, and says why", () => {
    ends(dnf.run("install", "linuxguard"));
    const folder = dirname(audit.rules);
    debian.shell(`mount --bind ${folder} ${folder}; mount -o remount,ro,bind ${folder}`);

    const { status, said } = dnf.run("remove", "linuxguard");

    assert.notEqual(status, 0, said);
    assert.match(said, /the package stays; put that right and remove it again/);
    debian.run("umount", folder);
    ends(dnf.run("remove", "linuxguard"));
    assert.equal(debian.has(audit.rules), false);
  });

  for (const [what, spoil, complaint] of [
    ["an account of a person", "useradd --uid 1200 linuxguard", /is a person's/],
    [
      "a link in place of a directory",
      "ln -s /srv /var/lib/linuxguard",
      /\/var\/lib\/linuxguard is a link/,
    ],
  ] as const) {
    test(`refuses ${what}, with nothing changed (I8)`, () => {
      debian.shell(spoil);
      const before = [...look(), debian.look("/etc/passwd", "/etc/group")];

      const { status, said } = dnf.run("install", "linuxguard");

      assert.notEqual(status, 0);
      assert.match(said, complaint);
      assert.equal(dnf.rpm("-q", "linuxguard").status, 1);
      const now = [...look(), debian.look("/etc/passwd", "/etc/group")];
      assert.deepEqual(changesOf(now, before), []);
    });
  }
});
