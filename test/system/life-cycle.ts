import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { aptCommands } from "#build/package/repo-page.ts";
import { footprint } from "#product/footprint.ts";
import { version } from "#product/version.ts";
import { type Suite, suites } from "#test/support/debian-root.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import { proveDelivery } from "./delivery.ts";
import { Host } from "./host.ts";
import { startMarks } from "./marks.ts";
import { earlierVersion, repositoryUrl } from "./repository.ts";

const { account, auditGroup, audit, directories } = footprint;
const own = directories.map(({ path }) => path);

/**
 * The life of the package on a host, from the repository's page to the purge. Each test goes on where
 * the last one ended. What takes minutes and is not of the release is done on the newest.
 */
export function testLifeCycle(suite: Suite): void {
  const isNewest = suite === suites.at(-1);
  describe(`On ${suite.release}`, { concurrency: false }, () => {
    let host: Host;
    let untouched: readonly string[] = [];

    before(async () => {
      host = await Host.at(suite, "fresh");
      untouched = await host.look();
    });
    after(async () => {
      await host[Symbol.asyncDispose]();
    });

    test("the commands of the repository's page install a collector that runs", async () => {
      const commands = aptCommands(repositoryUrl).join("\n");

      keepEvidence(`${suite.release} install`, await host.asPerson(commands, 600_000));

      assert.equal(await host.vm.must("systemctl is-enabled linuxguard"), "enabled\n");
      await host.caughtUp();
      const { version: running, health } = await host.status();
      assert.equal(running, version);
      assert.deepEqual(health, []);
    });

    test("the commands by which anybody can verify the installation show what is promised", async (t) => {
      const kept: string[] = [];
      const transcript = async (command: string) => {
        // While ls looks, the agent may replace a file; then ls says so and tells of the rest.
        const { stdout, stderr } = await host.vm.run(command);
        kept.push(`# ${command}\n${stdout}${stderr}`);
        return stdout;
      };

      const id = await transcript(`id ${account.name}`);
      const processes = await transcript("ps aux | grep linuxguard-agent");
      const listed = new Map<string, string>();
      for (const path of own) listed.set(path, await transcript(`ls -la ${path}`));
      const exposure = await transcript(
        "systemd-analyze security --no-pager linuxguard.service | tail -1",
      );
      keepEvidence(`${suite.release} promise`, kept.join("\n"));
      tell(t, exposure);

      assert.match(id, /^uid=\d+\(linuxguard\) gid=\d+\(linuxguard\)/);
      assert.ok(!/\((?:root|adm|sudo|shadow|disk)\)/.test(id), id);
      const agents = processes.split("\n").filter((line) => /\d \/usr\/bin\/linuxguard/.test(line));
      assert.ok(agents.length > 0);
      // ps cuts a longer name.
      for (const line of agents) assert.match(line, /^linuxgu(?:ard|\+) /);
      for (const [path, text] of listed) {
        assert.match(text, /^drwxr-x--- +\d+ linuxguard linuxguard .* \.$/m, path);
        const others = text
          .split("\n")
          .filter((line) => /^[-dlps][^?]/.test(line) && !line.endsWith(" .."));
        for (const line of others)
          assert.match(line, /^[-d].{6}--- +\d+ linuxguard linuxguard /, path);
      }
      const shell = await host.vm.must(`getent passwd ${account.name}`);
      assert.match(shell, /:\/usr\/sbin\/nologin\n$/);
    });

    test("linuxguard verify finds that every promise is kept", async (t) => {
      const { status, stdout, stderr } = await host.vm.run("linuxguard verify");

      keepEvidence(`${suite.release} verify`, stdout);
      tell(t, stdout.trimEnd().split("\n").at(-1) ?? "");
      assert.equal(status, 0, `${stdout}${stderr}`);
    });

    test("what a person does with sudo, a new account, a failed login and a changed file are told", async () => {
      await host.asPerson("sudo touch /etc/cron.d/watched; sudo rm /etc/cron.d/watched");
      await host.asPerson("sudo useradd --system newcomer; sudo userdel newcomer");
      await host.vm.run("ssh -o BatchMode=yes intruder@127.0.0.1");
      await host.caughtUp();

      for (const [what, ...filters] of [
        [
          "sudo",
          "event.action=ran-command",
          "user.name=dev",
          "process.command_line=touch /etc/cron.d/watched",
        ],
        ["the new account", "event.action=added-user-account", "user.name=dev"],
        [
          "the failed login",
          "process.name=sshd*",
          "event.outcome=failure",
          "event.category=authentication",
        ],
        [
          "the changed file",
          "file.path=/etc/cron.d/watched",
          "user.audit.name=dev",
          "event.outcome=success",
        ],
      ] as const) {
        const found = await host.events(...filters);
        assert.ok(found.length > 0, `${what} is not told`);
      }
    });

    test("nothing is lost or doubled over ten rotations, a restart of auditd and a reboot", async () => {
      for (let rotation = 1; rotation <= 10; rotation += 1) {
        await host.vm.must(`auditctl -m rotation-${rotation}; kill -USR1 $(pidof auditd); sleep 1`);
        // auditd keeps five files, and a machine in software is slow.
        if (rotation % 3 === 0) await host.caughtUp();
      }
      await host.vm.must(
        "systemctl restart auditd || { auditctl --signal TERM; sleep 2; systemctl start auditd; }",
      );
      await host.vm.must("auditctl -m restarted");
      await host.proveComplete();
      await host.vm.reboot();
      const told = await host.proveComplete();
      const { ledger, health } = await host.status();

      const texts = told.map(({ auditd }) => auditd?.message?.text);
      assert.equal(texts.filter((text) => text?.startsWith("rotation-")).length, 10);
      assert.equal(texts.filter((text) => text === "restarted").length, 1);
      assert.deepEqual(health, []);
      // What the kernel recorded while no auditd ran is in no log.
      assert.deepEqual(
        Object.keys(ledger.losses).filter((reason) => reason !== "serial_gap"),
        [],
      );
    });

    if (isNewest) {
      test("nothing is lost or doubled over a downgrade and an upgrade while events come (R35)", async (t) => {
        await proveChange(host, t);
      });
    }

    test("dpkg-reconfigure asks, and does what is answered", async () => {
      const answers = ["https://console.example/v1/", "", "1 2", "2", "no", ""].join("\n");

      // Of Debian 13 on, this frontend wants a terminal.
      const command = "DEBIAN_FRONTEND=teletype dpkg-reconfigure linuxguard";
      const said = await host.vm.run(`script -qec '${command}' /dev/null`, {
        input: Buffer.from(answers),
        timeoutMs: 600_000,
      });

      assert.equal(said.status, 0, `${said.stdout}${said.stderr}`);
      assert.match(
        await host.vm.get("/etc/linuxguard/linuxguard.conf"),
        /^url = https:\/\/console\.example\/v1\/$/m,
      );
      assert.match(await host.vm.must("auditctl -l"), /key=lg_net/);
      assert.match(
        await host.vm.get(audit.daemonConfig),
        new RegExp(`^log_group = ${auditGroup}$`, "m"),
      );
      assert.doesNotMatch(await host.vm.must(`id ${account.name}`), /systemd-journal/);
      await host.caughtUp();
    });

    test("it is removed, and nothing of it runs", async () => {
      await host.drop("remove");

      assert.equal((await host.vm.run("systemctl is-active linuxguard")).stdout, "inactive\n");
    });

    if (isNewest) {
      test("it is installed again with a token, is let in by a console, and delivers", async (t) => {
        await proveDelivery(host, t);
      });
    } else {
      test("it is installed again, and collects", async () => {
        await host.install(version);
        await host.caughtUp();
      });
    }

    test("it is purged, and then nothing is left but the accounts", async (t) => {
      await host.drop("purge");
      // What the page had the person add, who now takes it away.
      await host.vm.must(
        "apt-get -qy purge linuxguard-archive-keyring; rm /etc/apt/sources.list.d/linuxguard.sources",
      );

      const left = await host.look();

      const difference = [
        ...untouched.filter((line) => !left.includes(line)).map((line) => `- ${line}`),
        ...left.filter((line) => !untouched.includes(line)).map((line) => `+ ${line}`),
      ].filter((line) => !isByDesign(line));
      const counted = `differences after the purge: ${difference.length}`;
      keepEvidence(`${suite.release} purge`, [counted, ...difference, ""].join("\n"));
      tell(t, counted);
      assert.deepEqual(difference, []);
      for (const path of [...own, footprint.receipts]) {
        assert.equal((await host.vm.run(`test -e ${path}`)).status, 1, path);
      }
    });

    test("after the purge, auditd runs from boot on", async () => {
      await host.vm.reboot();

      assert.equal(await host.vm.must("systemctl is-active auditd"), "active\n");
      assert.equal((await host.vm.run("systemctl --failed --no-legend")).stdout, "");
    });
  });
}

/** Proves that no event is lost or doubled while the version changes to an earlier one and back. */
async function proveChange(host: Host, context: TestContext): Promise<void> {
  const lost = async () => /^lost \d+$/m.exec(await host.vm.must("auditctl -s"))?.[0];
  const [{ ledger: before }, lostBefore] = [await host.status(), await lost()];
  const marks = await startMarks(host.vm);
  for (const each of [earlierVersion, version]) {
    await host.install(each);
    await host.caughtUp();
  }
  const sent = await marks.stop();
  const told = await host.proveComplete();
  const { ledger, health } = await host.status();

  const marked = told
    .map(({ auditd }) => /^marked-(?<number>\d+)$/.exec(auditd?.message?.text ?? "")?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .toSorted((one, other) => one - other);
  assert.deepEqual(marked, sent);
  assert.deepEqual(ledger.losses, before.losses);
  assert.deepEqual(health, []);
  assert.equal(await lost(), lostBefore);
  tell(context, `${sent.length} marked events, 0 lost, 0 doubled`);
}

/** What may differ after a purge: the accounts, which stay, as an auditd.conf that names a missing group stops auditd. */
function isByDesign(line: string): boolean {
  return (
    /^[-+] \/etc\/g?(?:passwd|group|shadow)-? f /.test(line) ||
    new RegExp(`^\\+ passwd ${account.name}:x:\\d+:\\d+:`).test(line) ||
    new RegExp(`^\\+ group (?:${account.group}|${auditGroup}):x:\\d+:$`).test(line)
  );
}

/** Has the test's output show a text. */
function tell(t: TestContext, text: string): void {
  for (const line of text.trimEnd().split("\n")) t.diagnostic(line);
}
