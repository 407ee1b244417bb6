import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { baseOf, binaryFolderOf } from "#build/binary/base.ts";
import { makeApk } from "#build/package/apk.ts";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { renderApkDatabase } from "#test/support/apk-database.ts";
import { accountTools } from "#test/support/busybox-root.ts";
import { suites } from "#test/support/debian-root.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import { readApk } from "#test/support/read-apk.ts";
import { debianImage } from "#test/support/vm/image.ts";
import { Vm } from "#test/support/vm.ts";
import { openrcManager, proveCollecting, testServiceLife } from "./service-life.ts";

const { account, audit, auditGroup, directories, files, openrc, service } = footprint;
/** Its setpriv knows Landlock. */
const suite = suites.at(-1) ?? suites[0];
const slowMs = 300_000;
const { agent } = openrcManager;

describe(`On a ${suite.release} with OpenRC, the package for apk`, { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-openrc-"));
  let vm: Vm;

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

  /** What `linuxguard verify` finds besides what passes, by check. */
  async function verify(): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await vm.run("linuxguard verify --json", { timeoutMs: slowMs });
    const { checks } = JSON.parse(stdout) as {
      readonly checks: readonly { id: string; result: string; detail: string }[];
    };
    const others = checks.filter(({ result }) => result !== "pass");
    return new Map(others.map(({ id, result, detail }) => [id, `${result}: ${detail}`]));
  }

  test("is installed by its scripts", async () => {
    const unpack = "tar --warning=no-unknown-keyword -xzf /mnt/*.apk --wildcards";
    await vm.must(`${unpack} --anchored -C /root '.p*'`);
    const said = [await runScript("pre-install")];
    await vm.must(`${unpack} --anchored -C / --keep-directory-symlink --exclude '.*'`, slowMs);
    said.push(await runScript("post-install"));

    said.push(await vm.must(`rc-update show default; ${openrcManager.service("status")}`));
    keepEvidence("openrc install", said.join(""));
  });

  testServiceLife(openrcManager, () => vm);

  test("has an agent with an environment of its own", async () => {
    const environment = await vm.must(`tr '\\0' '\\n' </proc/${agent}/environ`);

    assert.deepEqual(environment.trimEnd().split("\n"), [
      "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
      "MALLOC_ARENA_MAX=1",
    ]);
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

  test("fails no check of linuxguard verify, which says what OpenRC cannot have", async () => {
    const found = await verify();

    keepEvidence("openrc verify", await vm.must("linuxguard verify || :", slowMs));
    assert.deepEqual(
      [...found].filter(([, each]) => !each.startsWith("not-applicable: ")),
      [],
    );
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
    await proveCollecting(vm);
  });

  test("has its agent started anew at an upgrade, and none after a removal", async () => {
    const first = await vm.must(`echo ${agent}`);
    await runScript("pre-upgrade");
    await runScript("post-upgrade");
    assert.notEqual(await vm.must(`echo ${agent}`), first);
    await proveCollecting(vm);

    await runScript("pre-deinstall");

    assert.equal((await vm.run(`pgrep -u ${account.name}`)).stdout, "");
    assert.doesNotMatch(await vm.must("rc-update show"), /linuxguard/);
    assert.doesNotMatch(await vm.must("auditctl -l"), /key=lg_/);
    assert.doesNotMatch(await vm.get(audit.daemonConfig), new RegExp(auditGroup));
    await vm.must(`rm ${files.agent.path} ${openrc.script.path}; rc-service auditd restart`);
  });
});
