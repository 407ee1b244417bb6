import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runCommand } from "#base/run-command.ts";
import { footprint } from "#product/footprint.ts";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";
import { gather } from "#verify/gather.ts";
import type { Host } from "#verify/host.ts";
import { checks, type Judgement, verify } from "#verify/verify.ts";

const { account, audit, auditGroup, directories, files } = footprint;

/** What a shell does to break a check on the host, and to repair it. */
type Breakage = readonly [id: string, spoil: string, repair: string];

const breakages: readonly Breakage[] = [
  [
    "account.system",
    "sed -i 's/^UID_MIN.*/UID_MIN 100/' /etc/login.defs",
    "sed -i 's/^UID_MIN.*/UID_MIN 1000/' /etc/login.defs",
  ],
  [
    "account.alone",
    "useradd --non-unique --uid $(id -u linuxguard) twin",
    "sed -i /^twin:/d /etc/passwd",
  ],
  [
    "account.shell",
    "usermod --shell /bin/sh linuxguard",
    `usermod --shell ${account.shell} linuxguard`,
  ],
  [
    "account.password",
    "usermod --password '$6$a$b' linuxguard",
    "usermod --password '!' linuxguard",
  ],
  ["account.home", "usermod --home / linuxguard", `usermod --home ${account.home} linuxguard`],
  ["account.group", "usermod --gid games linuxguard", "usermod --gid linuxguard linuxguard"],
  [
    "account.audit-group",
    `gpasswd -d linuxguard ${auditGroup}`,
    `gpasswd -a linuxguard ${auditGroup}`,
  ],
  ["account.memberships", "gpasswd -a linuxguard games", "gpasswd -d linuxguard games"],
  ["account.no-powerful-group", "gpasswd -a linuxguard shadow", "gpasswd -d linuxguard shadow"],
  ["account.no-others", "useradd --system --gid linuxguard other", "userdel other"],
  ["account.no-grants", "echo 'linuxguard ALL=(ALL) ALL' >/etc/sudoers", "rm /etc/sudoers"],
  ["account.no-grants", "echo '@daily linuxguard true' >/etc/cron.d/x", "rm /etc/cron.d/x"],
  ...directories
    .filter(({ isVolatile }) => !isVolatile)
    .flatMap(({ path }): readonly Breakage[] => {
      const part = ["etc", "lib", "log"].find((each) => path.split("/").includes(each)) ?? "";
      return [
        [`directory.${part}`, `chmod 775 ${path}`, `chmod 750 ${path}`],
        [`directory.${part}`, `chown root ${path}`, `chown linuxguard ${path}`],
        [
          `directory.${part}`,
          `mv ${path} ${path}.a; ln -s ${path}.a ${path}`,
          `rm ${path}; mv ${path}.a ${path}`,
        ],
        [
          `directory.${part}-content`,
          `mkdir -p ${path}/a/b; chown -R games ${path}/a`,
          `rm -r ${path}/a`,
        ],
        [
          `directory.${part}-content`,
          `cp /bin/true ${path}/a; chmod 4755 ${path}/a`,
          `rm ${path}/a`,
        ],
      ];
    }),
  ["file.owner", `chmod g+w ${files.agent.path}`, `chmod g-w ${files.agent.path}`],
  ["file.owner", `mv ${files.unit.path} /root/a`, `mv /root/a ${files.unit.path}`],
  ["file.no-setuid", `chmod u+s ${files.agent.path}`, `chmod u-s ${files.agent.path}`],
  [
    "file.no-capabilities",
    `setcap cap_audit_read=ep ${files.agent.path}`,
    `setcap -r ${files.agent.path}`,
  ],
  ["file.as-packaged", `echo >>${files.sample.path}`, `sed -i '$d' ${files.sample.path}`],
  ["file.parents", "chmod 777 /usr/share", "chmod 755 /usr/share"],
  ["file.writes", "touch /etc/open; chmod 666 /etc/open", "rm /etc/open"],
  ["file.writes", "setfacl -m u:linuxguard:rw /etc/hosts", "setfacl -b /etc/hosts"],
  ["file.writes", "mkdir -m 700 /opt/a; chown linuxguard /opt/a", "rmdir /opt/a"],
  ["audit.daemon-config", `chmod 666 ${audit.daemonConfig}`, `chmod 640 ${audit.daemonConfig}`],
  [
    "audit.daemon-config",
    `sed -i 's/^log_group.*/log_group = gone/' ${audit.daemonConfig}`,
    `sed -i 's/^log_group.*/log_group = adm/' ${audit.daemonConfig}`,
  ],
  [
    "audit.log-readable",
    `setfacl -x g:${auditGroup} ${audit.log}`,
    `setfacl -m g:${auditGroup}:r ${audit.log}`,
  ],
  [
    "audit.log-not-writable",
    `setfacl -m g:${auditGroup}:rw ${audit.log}`,
    `setfacl -m g:${auditGroup}:r ${audit.log}`,
  ],
  ["audit.rules-file", `echo >>${audit.rules}`, `sed -i '$d' ${audit.rules}`],
  ["audit.rules-file", `mv ${audit.rules} /root/a`, `mv /root/a ${audit.rules}`],
];

/** What only a running system shows. */
const running = /^(?:directory\.(?:run|secrets)|process\.|service\.|sandbox\.|audit\.rules-loaded)/;

for (const suite of suites) {
  describe(`linuxguard verify, of a ${suite.release} that does not run`, {
    concurrency: false,
  }, () => {
    const work = mkdtempSync(join(tmpdir(), "linuxguard-verify-"));
    let debian: DebianRoot;
    before(async () => {
      const deb = await makeStubDeb(work);
      debian = new DebianRoot(suite, [deb]);
      debian.renew();
      debian.shell(`install -m 640 -g adm /dev/null ${audit.log}`);
      debian.install(deb);
    });
    after(() => {
      debian[Symbol.dispose]();
      rmSync(work, { recursive: true });
    });

    async function judge(): Promise<readonly Judgement[]> {
      return verify(await gather(hostOf(debian), { value: { url: "https://console.example/" } }));
    }

    test("passes all that the package sets up, and knows nothing of what does not run", async () => {
      const found = await judge();

      const others = found.filter(({ result }) => result !== "pass");
      assert.deepEqual(
        others.map(({ check, result }) => `${result} ${check.id}`),
        checks
          .filter(({ id }) => running.test(id))
          .map(({ id }) => (id === "process.runs" ? `fail ${id}` : `unknown ${id}`)),
      );
    });

    for (const [id, spoil, repair] of breakages) {
      test(`fails ${id} after ${spoil}`, async () => {
        debian.shell(spoil);

        const found = (await judge()).find(({ check }) => check.id === id);

        debian.shell(repair);
        assert.equal(found?.result, "fail", String(found?.detail));
      });
    }

    test("passes again what was repaired", async () => {
      const failed = (await judge()).filter(({ result }) => result === "fail");

      assert.deepEqual(
        failed.map(({ check, detail }) => `${check.id}: ${detail}`),
        ["process.runs: no process linuxguard-agent runs"],
      );
    });
  });
}

/** A Debian in a folder, which root looks at from outside. */
function hostOf({ path }: DebianRoot): Host {
  return {
    root: path,
    uid: 0,
    run: async (program, args, timeoutMs = 20_000) => {
      const limits = { timeoutMs, maxBytes: 1_000_000 };
      const result = await runCommand("chroot", [path, program, ...args], limits);
      // chroot(8): the command is not there.
      const isThere = result !== undefined && result.status !== 127;
      return isThere ? { value: result } : { why: `${program} is not installed` };
    },
  };
}
