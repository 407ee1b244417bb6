import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { baseOf, binaryFolderOf } from "#build/binary/base.ts";
import { makeApk } from "#build/package/apk.ts";
import type { AgentStatus } from "#model/status.ts";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { renderApkDatabase } from "#test/support/apk-database.ts";
import { accountTools } from "#test/support/busybox-root.ts";
import { suites } from "#test/support/debian-root.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import { readApk } from "#test/support/read-apk.ts";
import { debianImage } from "#test/support/vm/image.ts";
import { Vm } from "#test/support/vm.ts";

const { account, audit, auditGroup, directories, files, openrc, service } = footprint;
/** Its setpriv knows Landlock. */
const suite = suites.at(-1) ?? suites[0];
const slowMs = 300_000;
const asAgent = `setpriv --reuid ${account.name} --regid ${account.group} --init-groups`;
/** Shell words for the process id of the agent, which its supervisor began. */
const agent = `$(pgrep -P "$(cat /run/supervise-${service}.pid)")`;
const status = `rc-service ${service} status`;

describe(`On a ${suite.release} with OpenRC, the package for apk`, { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-openrc-"));
  let vm: Vm;
  let marks = 0;

  before(async () => {
    const packages = join(folder, "packages");
    const base = baseOf();
    const agentFile = join(binaryFolderOf(base), identity.agent);
    const file = await makeApk({ base, agentFile, folder: packages });
    vm = await Vm.boot(await debianImage(suite, { customize: "customize-openrc.sh" }), [packages]);
    for (const [name, body] of Object.entries(accountTools)) {
      await vm.put(`#!/bin/sh\n${body}`, `/usr/local/sbin/${name}`);
    }
    await vm.must("chmod 755 /usr/local/sbin/*; mount /dev/vdb /mnt; mkdir -p /lib/apk/db");
    await vm.put(
      renderApkDatabase(readApk(readFileSync(file), "unsigned")),
      "/lib/apk/db/installed",
    );
  });
  after(async () => {
    await vm[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** Runs a script of the package, as apk does. */
  async function runScript(name: string): Promise<string> {
    const { stdout, stderr, ...end } = await vm.run(
      `PATH=/usr/local/sbin:$PATH sh /root/.${name} 1.0.0-r0`,
      {
        timeoutMs: slowMs,
      },
    );
    assert.equal(end.status, 0, `${stdout}${stderr}`);
    return `${stdout}${stderr}`;
  }

  /** Has somebody change a watched file, and waits until that is told. */
  async function proveCollecting(): Promise<void> {
    const path = `/etc/cron.d/watched-${++marks}`;
    await vm.must(`touch ${path}; rm ${path}`);
    await vm.until(`${asAgent} linuxguard events --json file.path=${path} | grep ${path}`, slowMs);
  }

  /** What `linuxguard verify` finds besides what passes, by check. */
  async function verify(): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await vm.run("linuxguard verify --json", { timeoutMs: slowMs });
    const { checks } = JSON.parse(stdout) as {
      readonly checks: readonly { id: string; result: string; detail: string }[];
    };
    const others = checks.filter(({ result }) => result !== "pass");
    return new Map(others.map(({ id, result, detail }) => [id, `${result}: ${detail}`]));
  }

  test("is installed, and its service is enabled, runs and collects", async () => {
    const unpack = "tar --warning=no-unknown-keyword -xzf /mnt/*.apk --wildcards";
    await vm.must(`${unpack} --anchored -C /root '.p*'`);
    const said = [await runScript("pre-install")];
    await vm.must(`${unpack} --anchored -C / --keep-directory-symlink --exclude '.*'`, slowMs);
    said.push(await runScript("post-install"));

    said.push(await vm.must(`rc-update show default; ${status}`));
    keepEvidence("openrc install", said.join(""));
    assert.match(said.at(-1) ?? "", /^ *linuxguard \| +default/m);
    await proveCollecting();
  });

  test("has an agent without any right, within its bounds", async () => {
    const shown = await vm.must(`cd /proc/${agent}; cat comm status limits
      echo nice $(cut -d' ' -f19 stat); tr '\\0' '\\n' <environ
      cd /sys/fs/cgroup/*${service}; head memory.max pids.max cpu.max; id ${account.name}`);

    keepEvidence("openrc process", shown);
    const { uid, gid, auditGid } =
      /^uid=(?<uid>\d+).* gid=(?<gid>\d+).*groups=\d+\(linuxguard\),(?<auditGid>\d+)\(linuxguard-audit\)$/m.exec(
        shown,
      )?.groups ?? {};
    const groups = [gid, auditGid].toSorted((one, other) => Number(one) - Number(other));
    for (const line of [
      ...[`Uid:\t${[uid, uid, uid, uid].join("\t")}`, `Gid:\t${[gid, gid, gid, gid].join("\t")}`],
      ...[`Groups:\t${groups.join(" ")} `, "NoNewPrivs:\t1", "Umask:\t0077", "nice 5"],
      ...["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map(
        (set) => `${set}:\t${"0".repeat(16)}`,
      ),
      ...["268435456", "64", "50000 100000"],
    ]) {
      assert.ok(shown.split("\n").includes(line), `${line}\n${shown}`);
    }
    assert.match(shown, /^Max core file size +0 +0 /m);
    assert.match(shown, /^Max locked memory +0 +0 /m);
    assert.match(shown, /^Max open files +4096 +4096 /m);
    assert.deepEqual(
      shown.split("\n").filter((line) => /^\w+=/.test(line) && !line.startsWith("uid=")),
      ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "MALLOC_ARENA_MAX=1"],
    );
  });

  test("has an agent that writes to its directories only, and executes nothing but itself", async () => {
    // As the agent was begun, but for a shell in its place, which may be executed with what it calls.
    const begun = await vm.must(
      `tr '\\0' ' ' <"/proc/$(cat /run/supervise-${service}.pid)/cmdline"`,
    );
    const [, confine = ""] =
      /(?<=\s)(\S*setpriv .*) \/usr\/bin\/linuxguard-agent run/.exec(begun) ?? [];
    keepEvidence("openrc supervisor", begun);
    assert.match(confine, /--landlock-access/, begun);
    const places = [...directories.map(({ path }) => path), "/tmp", "/var/tmp", "/dev/shm", "/etc"];
    const probe = `for place in ${places.join(" ")}; do
      if touch "$place/probe"; then echo "$place"; rm "$place/probe"; fi; done`;
    const rules = ["/usr/bin", "/usr/lib"].map(
      (path) => `--landlock-rule path-beneath:execute:${path}`,
    );
    const shell = `${rules.join(" ")} -- /bin/sh -c`;

    const written = await vm.run(`${confine} ${shell} '${probe}'`);
    const executed = await vm.run(`${confine} /bin/true`);

    assert.deepEqual(
      written.stdout.trimEnd().split("\n"),
      directories.map(({ path }) => path),
    );
    assert.match(executed.stderr, /Permission denied/);
  });

  test("is reloaded, restarted, stopped and started", async () => {
    const first = await vm.must(`echo ${agent}`);
    await vm.must(`rc-service ${service} reload`);
    await vm.until(`grep "settings read again" ${identity.logDirectory}/${identity.agent}.log`);
    assert.equal(await vm.must(`echo ${agent}`), first);

    await vm.must(`rc-service ${service} restart`, slowMs);
    assert.notEqual(await vm.must(`echo ${agent}`), first);
    assert.match(await vm.must(status), /status: started/);

    await vm.must(`rc-service ${service} stop`, slowMs);
    assert.equal((await vm.run(status)).status, 3);
    assert.equal((await vm.run(`pgrep -u ${account.name}`)).stdout, "");

    await vm.must(`rc-service ${service} start`, slowMs);
    await proveCollecting();
  });

  test("has its agent started again when it was killed", async () => {
    const first = await vm.must(`echo ${agent}`);
    await vm.must(`kill -KILL ${agent}`);

    await vm.until(`test "$(echo ${agent})" != "" && test "$(echo ${agent})" != ${first}`);

    assert.match(await vm.must(status), /status: started/);
    await proveCollecting();
  });

  test("fails no check of linuxguard verify, which says what OpenRC cannot have", async () => {
    const found = await verify();

    keepEvidence("openrc verify", await vm.must("linuxguard verify || :", slowMs));
    assert.deepEqual(
      [...found].filter(([, each]) => !each.startsWith("not-applicable: ")),
      [],
    );
  });

  test("collects from the boot on, and the way from the kernel to the spool is proved", async () => {
    await vm.put("[canary]\ninterval = 5s\n", "/root/settings");
    await vm.must(
      `install -m 600 -o ${account.name} -g ${account.group} /root/settings ${identity.configFile}`,
    );
    await vm.reboot();

    await proveCollecting();
    assert.match(await vm.must(status), /status: started/);
    const { health, canary } = JSON.parse(
      await vm.until(`grep '"seen":[1-9]' ${identity.runtimeDirectory}/status.json`, slowMs),
    ) as AgentStatus;
    assert.deepEqual(health, []);
    assert.equal(canary?.missed, 0);
  });

  test("says what its agent lacks where setpriv is busybox's, and still gives it no right", async () => {
    await vm.must(
      "mv /usr/bin/setpriv /root/; printf '#!/bin/sh\\nexit 1\\n' >/usr/bin/setpriv; chmod 755 /usr/bin/setpriv",
    );
    const said = await vm.must(`rc-service ${service} restart 2>&1`, slowMs);
    // Until it executes the agent, it is a copy of its supervisor.
    const shown = await vm.until(`cd /proc/${agent} && grep -q ^linuxguard comm && cat status`);
    await vm.must("mv /root/setpriv /usr/bin/");

    assert.match(said, /Without the setpriv of util-linux/);
    assert.match(shown, /^NoNewPrivs:\t1$/m);
    assert.match(shown, /^CapEff:\t0{16}$/m);
    assert.match(shown, /^Groups:\t\d+ \d+ $/m);
    await proveCollecting();
  });

  test("has its agent started anew at an upgrade, and none after a removal", async () => {
    const first = await vm.must(`echo ${agent}`);
    await runScript("pre-upgrade");
    await runScript("post-upgrade");
    assert.notEqual(await vm.must(`echo ${agent}`), first);
    await proveCollecting();

    await runScript("pre-deinstall");

    assert.equal((await vm.run(`pgrep -u ${account.name}`)).stdout, "");
    assert.doesNotMatch(await vm.must("rc-update show"), /linuxguard/);
    assert.doesNotMatch(await vm.must("auditctl -l"), /key=lg_/);
    assert.doesNotMatch(await vm.get(audit.daemonConfig), new RegExp(auditGroup));
    await vm.must(`rm ${files.agent.path} ${openrc.script.path}; rc-service auditd restart`);
  });
});
