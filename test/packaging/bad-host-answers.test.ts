import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";
import { type Reply, runInTerminal } from "#test/support/terminal.ts";

const { account, audit, auditGroup, receipts } = footprint;
const token = "planted-token-7391";
const wrong = "http://console.example/";
const right = "https://console.example/v1/";

describe("The package's questions", { concurrency: false }, () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-answers-"));
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
    execFileSync("mknod", ["-m", "666", join(debian.path, "dev/tty"), "c", "5", "0"]);
  });
  after(() => {
    debian[Symbol.dispose]();
    rmSync(work, { recursive: true });
  });

  const url = () => debian.run("sed", "-n", "s/^url = //p", identity.configFile).trim();

  const keepsNoToken = () => {
    const found = debian.tryRun("grep", "-rl", token, "/var", "/etc", "/root", "/tmp");
    assert.equal(found.stdout, "");
  };

  const erased = "\b".repeat(80);
  const enter = "\r";
  for (const [frontend, replies] of [
    [
      "teletype",
      [
        [/Address of the LinuxGuard console:/, `${wrong}\n`],
        [new RegExp(`"${wrong}" is not an address`), ""],
        [/Address of the LinuxGuard console:/, `${right}\n`],
        [/Enrolment token:/, `${token}\n`],
        [/What should the audit system record/, "1 2\n"],
        [/How may LinuxGuard read the audit log/, "2\n"],
        [/May LinuxGuard read the system journal/, "no\n"],
      ],
    ],
    [
      "dialog",
      [
        [/Address of the LinuxGuard console:[\s\S]*Ok/, `${erased}${wrong}${enter}`],
        [new RegExp(`"${wrong}" is not[\\s\\S]*Ok`), enter],
        [/Address of the LinuxGuard console:[\s\S]*Ok/, `${erased}${right}${enter}`],
        [/Enrolment token:[\s\S]*Ok/, `${token}${enter}`],
        [/What should the audit system record[\s\S]*Ok/, `\u001b[B ${enter}`],
        [/How may LinuxGuard read the audit log[\s\S]*Ok/, `\u001b[B${enter}`],
        [/May LinuxGuard read the system journal[\s\S]*No/, "\t\r"],
      ],
    ],
  ] as const satisfies readonly (readonly [string, readonly Reply[]])[]) {
    test(`are asked again by the ${frontend} frontend after an address that cannot be used, and take effect`, async () => {
      const env = `env DEBIAN_PRIORITY=medium DEBIAN_FRONTEND=${frontend}`;
      const line = `exec chroot ${debian.path} ${env} dpkg -i /root/${basename(older)}`;

      const { status, shown } = await runInTerminal(line, replies);

      assert.equal(status, 0, shown);
      assert.equal(url(), right);
      assert.match(debian.run("cat", audit.rules), /key=lg_net/);
      assert.match(
        debian.run("cat", audit.daemonConfig),
        new RegExp(`^log_group = ${auditGroup}$`, "m"),
      );
      assert.doesNotMatch(debian.run("id", account.name), /systemd-journal/);
      keepsNoToken();
    });
  }

  test("ask for another address, whatever the priority, if the one of a preseed cannot be used", async () => {
    debian.answer("console-url", "string", wrong);
    const line = `exec chroot ${debian.path} env DEBIAN_FRONTEND=teletype dpkg -i /root/${basename(older)}`;

    const { status, shown } = await runInTerminal(line, [
      [new RegExp(`"${wrong}" is not an address`), ""],
      [/Address of the LinuxGuard console:/, `${right}\n`],
      [/Enrolment token:/, "\n"],
    ]);

    assert.equal(status, 0, shown);
    assert.equal(url(), right);
  });

  test("are not asked for ever", async () => {
    const env = "env DEBIAN_PRIORITY=medium DEBIAN_FRONTEND=teletype";
    const line = `exec chroot ${debian.path} ${env} dpkg -i /root/${basename(older)}`;
    const again: Reply = [/Address of the LinuxGuard console:/, `${wrong}\n`];

    const { status, shown } = await runInTerminal(line, Array<Reply>(10).fill(again));

    assert.equal(status, 1, shown);
    assert.match(shown, /^linuxguard: error: the console URL must begin with https/m);
  });

  for (const refused of [
    wrong,
    "https://",
    "https://user:secret@console.example/",
    "console.example",
  ]) {
    test(`refuse ${refused} in a clear line where nobody can be asked, until there is another`, () => {
      debian.answer("console-url", "string", refused);

      const { status, said } = debian.tryRun("dpkg", "-i", `/root/${basename(older)}`);

      assert.equal(status, 1);
      assert.match(
        said,
        /^linuxguard: error: the console URL must begin with https:\/\/ and have no user in it: .+; give another with debconf-set-selections and run: dpkg --configure -a$/m,
      );
      assert.equal(debian.tryRun("getent", "passwd", account.name).status, 2);
      debian.answer("console-url", "string", right);
      debian.run("dpkg", "--configure", "-a");
      assert.equal(url(), right);
      assert.equal(debian.run("dpkg", "--audit"), "");
    });
  }

  test("forget the token even if the agent cannot take it, and say how to give it again", () => {
    debian.answer("enrolment-token", "password", token);
    debian.shell(
      "printf '#!/bin/sh\\nexit 1\\n' >/usr/local/bin/runuser; chmod +x /usr/local/bin/runuser",
    );
    debian.shell("ln -sf /usr/local/bin/runuser /usr/local/sbin/runuser");

    const { said } = debian.install(older);

    assert.match(
      said,
      /^linuxguard: the answers could not be written into the configuration; to give them again run: dpkg-reconfigure linuxguard$/m,
    );
    keepsNoToken();
  });

  test("keep what the administrator changed since, over an upgrade and a reconfiguration", () => {
    debian.install(older);
    debian.run("linuxguard-setup", "audit-access", "log-group");
    debian.run("linuxguard-setup", "rules", "base", "network");
    debian.run("gpasswd", "--delete", account.name, "systemd-journal");
    debian.shell(`printf '[console]\\nurl = ${right}\\n' >${identity.configFile}`);
    const before = debian.look("/etc/audit", "/etc/linuxguard");

    debian.install(newer);
    debian.run("dpkg-reconfigure", "linuxguard");

    assert.equal(debian.look("/etc/audit", "/etc/linuxguard"), before);
    assert.doesNotMatch(debian.run("id", account.name), /systemd-journal/);
    const answers = debian.run("debconf-show", "linuxguard");
    for (const answer of [
      `console-url: ${right}`,
      "audit-access: log-group",
      "rule-tiers: base, network",
      "read-journal: false",
    ]) {
      assert.ok(answers.includes(`linuxguard/${answer}\n`), answers);
    }
  });

  test("take a choice of rules that are not there for none, and leave those that are", () => {
    debian.install(older);
    const rules = debian.run("cat", audit.rules);

    debian.answer("rule-tiers", "multiselect", "nonsense");
    debian.shell(`rm ${receipts}/rules-wanted`);
    const { said } = debian.install(newer);

    assert.match(said, /^linuxguard: there is no tier nonsense of audit rules; it is left out$/m);
    assert.equal(debian.run("cat", audit.rules), rules);
  });

  test("leave receipts that only root can read, with what was there before", () => {
    debian.answer("audit-access", "select", "log-group");

    debian.install(older);

    const list = debian.run("find", receipts, "-printf", "%f %y %u:%g %m\n").trim().split("\n");
    assert.deepEqual(list.toSorted(), [
      "access f root:root 600",
      "access-wanted f root:root 600",
      `${basename(receipts)} d root:root 700`,
      "rules-made f root:root 600",
      "rules-wanted f root:root 600",
    ]);
    assert.equal(
      debian.run("cat", `${receipts}/access`),
      "mode=log-group\nprevious=adm\ndirectory=/var/log/audit\ndefault=no\n",
    );
  });
});
