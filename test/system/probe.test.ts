import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { suites } from "#test/support/debian-root.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";
import type { Vm } from "#test/support/vm.ts";
import { machine } from "./machines.ts";

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

for (const suite of suites) {
  describe(`On ${suite.release}, a taken-over agent`, () => {
    const folder = mkdtempSync(join(tmpdir(), "linuxguard-probe-"));
    let vm: Vm;
    let account: Outcomes;
    let root: Outcomes;

    before(async () => {
      const probe = join(folder, "probe");
      const options = ["-static", "-Wall", "-Wextra", "-Werror", "-o", probe];
      execFileSync("gcc", [...options, ...globSync("test/system/probe/*.c")]);
      const deb = await makeStubDeb(folder);
      vm = await machine(suite, "fresh");
      await vm.put(readFileSync(deb), "/root/linuxguard.deb");
      await vm.put(readFileSync(probe), program);
      // The drop-in for it wants it to be there.
      const jitless = `/usr/bin/${identity.jitlessAgent}`;
      await vm.must(`chmod 755 ${program}; cp ${program} ${jitless}
        ip address add 169.254.169.254/32 dev lo
        mount -o remount,exec /run`);
      await vm.must("DEBIAN_FRONTEND=noninteractive dpkg --install /root/linuxguard.deb", 300_000);
      const { name, group } = footprint.account;
      const ids = `setpriv --reuid=${name} --regid=${group} --init-groups`;
      await vm.must(`systemctl stop ${footprint.service}
        install -d -o ${name} -g ${group} ${identity.runtimeDirectory}`);
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

      const rows = [...found].map(
        ([act, errno]) => `${act}: ${errno} / ${account.get(act)} / ${root.get(act)}`,
      );
      const head = "act: as the service / as its account, without the service / as root";
      keepEvidence(`${suite.release} probe`, [head, ...rows, ""].join("\n"));
      t.diagnostic(`${rows.length} acts`);
      assertClosed(found, (act) => act.startsWith("need: ") || newCode.includes(act));
    });

    test("is refused new code, other processes and its settings, too, where the drop-ins are used", async () => {
      const names = globSync("etc/systemd/drop-ins/*.conf").map((file) => basename(file, ".conf"));
      const found = await probeInService(names.filter((name) => name !== "40-credential"));

      assertClosed(found, (act) => act.startsWith("need: ") && !closable.includes(act));
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
