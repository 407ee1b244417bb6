import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";
import { debianImage } from "#test/support/vm/image.ts";
import { Vm } from "#test/support/vm.ts";

/** What an act ended as, by its name: an errno, a signal, or "open". */
type Outcomes = ReadonlyMap<string, string>;

/** How the sandbox says no. It hides what it refuses, drops packets, and kills callers of another architecture. */
const refusals = new Set(
  "EPERM EACCES EROFS EAFNOSUPPORT ENOSYS ENOENT EXDEV ETIMEDOUT SYS".split(" "),
);
/** What only the drop-in for a program without a compiler refuses. */
const newCode = ["memory: map writable and executable", "memory: make written memory executable"];
/** What drop-ins take away of what the agent otherwise needs. */
const closable = ["need: see processes", "need: write to /etc/linuxguard"];

const program = "/usr/lib/probe";
const service = footprint.service;

for (const suite of suites) {
  describe(`On ${suite.release}, a taken-over agent`, () => {
    const folder = mkdtempSync(join(tmpdir(), "linuxguard-probe-"));
    let vm: Vm;
    let account: Outcomes;
    let root: Outcomes;

    before(async () => {
      const probe = join(folder, "probe");
      const sources = globSync("test/system/probe/*.c");
      execFileSync("gcc", [
        "-static",
        "-O1",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-o",
        probe,
        ...sources,
      ]);
      const deb = await makeStubDeb(folder);
      const jitless = join(folder, "disk");
      execFileSync(process.execPath, ["build/binary.ts", "--jitless"], { stdio: "ignore" });
      mkdirSync(jitless);
      copyFileSync(join("dist", identity.jitlessAgent), join(jitless, "agent"));
      vm = await Vm.boot(await debianImage(suite), [jitless]);
      await vm.put(readFileSync(deb), "/root/linuxguard.deb");
      await vm.put(readFileSync(probe), program);
      await vm.must(`chmod 755 ${program}
        ip address add 169.254.169.254/32 dev lo
        mount -o remount,exec /run`);
      await vm.must("DEBIAN_FRONTEND=noninteractive dpkg --install /root/linuxguard.deb", 300_000);
      await vm.must(`systemctl stop ${service}
        mount -o ro /dev/vdb /mnt; cp /mnt/agent ${footprint.files.agent.path}-jitless; umount /mnt`);
      const { name, group } = footprint.account;
      const ids = `setpriv --reuid=${name} --regid=${group} --init-groups`;
      await vm.must(`install -d -o ${name} -g ${group} /run/linuxguard`);
      account = parseOutcomes(await vm.must(`${ids} ${program}`));
      root = parseOutcomes(await vm.must(program));
    });
    after(async () => {
      await vm[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    });

    /** Runs the probe as the service, with some of the drop-ins. */
    async function probeInService(dropIns: readonly string[]): Promise<Outcomes> {
      const unit = "linuxguard-probe";
      const own = [
        "[Service]",
        ...["Type=oneshot", "Restart=no", "ExecReload=", "ExecStart=", `ExecStart=${program}`],
        ...[`ExecPaths=${program}`, "StandardOutput=truncate:/root/probe.out"],
      ].join("\n");
      await vm.must(`cp ${footprint.files.unit.path} /etc/systemd/system/${unit}.service
        rm -rf /etc/systemd/system/${unit}.service.d; mkdir /etc/systemd/system/${unit}.service.d`);
      for (const name of dropIns) {
        const text = readFileSync(`etc/systemd/drop-ins/${name}.conf`);
        await vm.put(text, `/etc/systemd/system/${unit}.service.d/${name}.conf`);
      }
      await vm.put(`${own}\n`, `/etc/systemd/system/${unit}.service.d/90-probe.conf`);
      await vm.must(
        `systemctl daemon-reload; systemctl start ${unit} || { journalctl -u ${unit} >&2; exit 1; }`,
      );
      return parseOutcomes(await vm.get("/root/probe.out"));
    }

    test("tries nothing that would be refused to everyone", () => {
      assert.ok(account.size > 100);
      for (const act of account.keys()) {
        assert.ok([account.get(act), root.get(act)].includes("open"), `Never let in: ${act}`);
      }
    });

    test("is refused all but what the agent needs", async (t) => {
      const found = await probeInService([]);

      t.diagnostic("act: as the service / as its account, without the service / as root");
      for (const [act, errno] of found) {
        t.diagnostic(`${act}: ${errno} / ${account.get(act)} / ${root.get(act)}`);
      }
      assertClosed(found, (act) => act.startsWith("need: ") || newCode.includes(act));
    });

    test("is refused new code, other processes and its settings, too, where the drop-ins are used", async () => {
      const names = globSync("etc/systemd/drop-ins/*.conf").map((file) => basename(file, ".conf"));
      const found = await probeInService(names.filter((name) => name !== "40-credential"));

      assertClosed(found, (act) => act.startsWith("need: ") && !closable.includes(act));
    });

    test("cannot come from the agent without a compiler, which runs and reloads where new code is refused", async () => {
      const dropIn = readFileSync("etc/systemd/drop-ins/50-no-new-code.conf");
      await vm.must(`mkdir /etc/systemd/system/${service}.service.d`);
      await vm.put(dropIn, `/etc/systemd/system/${service}.service.d/50-no-new-code.conf`);

      await vm.must(`systemctl daemon-reload; systemctl start ${service}`);
      await vm.until(`test -s /run/linuxguard/status.json`);
      await vm.must(`systemctl reload ${service}`);
      await vm.until(`journalctl -u ${service} | grep "settings read again"`);
      const shown =
        await vm.must(`systemctl show -p NRestarts -p ExecMainPID -p MemoryDenyWriteExecute ${service}
        cat /proc/$(systemctl show -p MainPID --value ${service})/comm`);

      assert.match(shown, /^NRestarts=0$/m);
      assert.match(shown, /^MemoryDenyWriteExecute=yes$/m);
      assert.match(shown, /^linuxguard-agen$/m);
    });
  });
}

function parseOutcomes(text: string): Outcomes {
  const rows = text.trimEnd().split("\n");
  return new Map(
    rows.map((row) => {
      const { act, errno } = JSON.parse(row) as { readonly act: string; readonly errno: string };
      return [act, errno];
    }),
  );
}

/** Throws unless all is refused but what may be open, and all that is open. */
function assertClosed(found: Outcomes, mayBeOpen: (act: string) => boolean): void {
  const wrong = [...found].filter(([act, errno]) =>
    mayBeOpen(act) ? errno !== "open" : !refusals.has(errno),
  );
  assert.deepEqual(wrong, []);
}
