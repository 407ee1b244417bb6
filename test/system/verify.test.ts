import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { suites } from "#test/support/debian-root.ts";
import type { Vm } from "#test/support/vm.ts";
import { machine } from "./machines.ts";

const { account, directories, files, service } = footprint;
const own = directories.map(({ path }) => path).join(" ");
const dropIns = `/etc/systemd/system/${service}.service.d`;
const slowMs = 300_000;

/** What `linuxguard verify --json` writes, as far as it is looked at. */
interface Shown {
  readonly checks: readonly {
    readonly id: string;
    readonly result: string;
    readonly detail: string;
  }[];
}

/** What somebody does to the running host, the checks that must fail then, and what repairs it. */
interface Breakage {
  readonly what: string;
  readonly spoil: string;
  readonly fails: readonly string[];
  readonly repair: string;
}

const restart = `systemctl daemon-reload; systemctl restart ${service}; sleep 5`;

/** A drop-in, in force. */
function dropIn(lines: readonly string[]): string {
  const text = ["[Service]", ...lines, ""].join("\\n");
  return `mkdir ${dropIns}; printf '${text}' >${dropIns}/x.conf; ${restart}`;
}

/** Begins a process that lasts, and notes its pid. */
function begin(command: string): string {
  return `${command} >/dev/null 2>&1 & echo $! >>/root/pids; sleep 2`;
}

const listen =
  "socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(4711, INADDR_ANY)); listen(S, 1); sleep 1000";

const breakages: readonly Breakage[] = [
  {
    what: "takes the sandbox away",
    spoil: dropIn([
      ...["NoNewPrivileges=no", "CapabilityBoundingSet=CAP_AUDIT_READ", "ProtectSystem=no"],
      ...["SystemCallFilter=", "RestrictAddressFamilies=", "IPAddressDeny=", "MemoryMax=infinity"],
      ...["ProtectKernelModules=no", "RestrictNamespaces=no", "UnsetEnvironment="],
      ...["SystemCallArchitectures=", "LockPersonality=no", "RestrictRealtime=no"],
      ...["RestrictSUIDSGID=no", "PrivateDevices=no", "ProtectKernelTunables=no"],
      ...["ProtectKernelLogs=no", "ProtectClock=no", "ProtectHostname=no"],
      ...["Environment=NODE_EXTRA_CA_CERTS=/x", "SupplementaryGroups=adm"],
    ]),
    fails: [
      ...["process.no-capabilities", "process.no-new-privileges", "process.seccomp"],
      ...["process.groups", "process.environment"],
      ...["identity", "files", "kernel", "calls", "network", "resources"].map(
        (name) => `sandbox.${name}`,
      ),
    ],
    repair: `rm -r ${dropIns}; ${restart}`,
  },
  {
    what: "runs something else as another account",
    spoil: dropIn([
      ...["User=games", "Group=games", "ExecPaths=/bin/sleep"],
      ...["ExecStart=", "ExecStart=/bin/sleep 1000"],
    ]),
    fails: ["process.runs", "service.command", "service.account", "sandbox.files"],
    repair: `rm -r ${dropIns}; chown -R ${account.name}:${account.group} ${own}; ${restart}`,
  },
  {
    what: "stops the service, puts another in its place and takes the audit rules away",
    spoil: [
      `systemctl disable --now ${service}`,
      `cp ${files.unit.path} /etc/systemd/system/; systemctl daemon-reload`,
      "auditctl -D",
      "mkdir -p /etc/linuxguard/conf.d",
      "printf '[console]\\nurl = http://console.example/\\n' >/etc/linuxguard/conf.d/x.conf",
    ].join("\n"),
    fails: [
      ...["process.runs", "service.enabled", "service.active", "service.registered"],
      ...["audit.rules-loaded", "console.https"],
    ],
    repair: [
      `rm /etc/linuxguard/conf.d/x.conf /etc/systemd/system/${service}.service`,
      `systemctl daemon-reload; systemctl enable --now ${service}; sleep 5`,
      "augenrules --load",
    ].join("\n"),
  },
  {
    what: "starts processes of the account and of the program",
    spoil: [
      begin(
        `setpriv --reuid=${account.name} --regid=${account.group} --clear-groups perl -MSocket -e '${listen}'`,
      ),
      `mkfifo /root/pipe`,
      begin("sleep 1000 3>/root/pipe"),
      begin(
        `setpriv --reuid=dev --regid=dev --clear-groups ${files.agent.path} configure --stdin </root/pipe`,
      ),
    ].join("\n"),
    fails: ["process.no-listening", "process.seccomp", "process.account"],
    repair: "kill $(cat /root/pids); rm /root/pipe /root/pids",
  },
];

for (const suite of suites) {
  describe(`On ${suite.release}, linuxguard verify`, { concurrency: false }, () => {
    let vm: Vm;
    before(async () => {
      vm = await machine(suite, "installed");
    });
    after(async () => {
      await vm[Symbol.asyncDispose]();
    });

    /** What it finds, by check; those that pass are left out. */
    async function look(prefix = ""): Promise<ReadonlyMap<string, string>> {
      const { stdout } = await vm.run(`${prefix} linuxguard verify --json`, { timeoutMs: slowMs });
      const { checks } = JSON.parse(stdout) as Shown;
      const others = checks.filter(({ result }) => result !== "pass");
      return new Map(others.map(({ id, result, detail }) => [id, `${result}: ${detail}`]));
    }

    test("passes everything on the installed system, as root", async () => {
      const { status } = await vm.run("linuxguard verify", { timeoutMs: slowMs });

      assert.deepEqual(await look(), new Map());
      assert.equal(status, 0);
    });

    test("fails nothing as another user, and says what that one cannot see", async () => {
      const { status } = await vm.run("runuser -u dev -- linuxguard verify", { timeoutMs: slowMs });
      const found = await look("runuser -u dev --");

      assert.equal(status, 2);
      assert.ok([...found.values()].every((each) => each.startsWith("unknown: ")));
    });

    // Each takes a minute; what differs between the releases is how systemd tells of it all.
    const broken = suite === suites.at(-1) ? breakages : [];
    for (const { what, spoil, fails, repair } of broken) {
      test(`finds somebody who ${what}`, async () => {
        await vm.must(spoil, slowMs);
        const found = await look();
        await vm.must(repair, slowMs);

        const failed = [...found].filter(([, each]) => each.startsWith("fail: "));
        const missing = fails.filter((id) => !failed.some(([each]) => each === id));
        assert.deepEqual(missing, [], JSON.stringify([...found], undefined, 1));
      });
    }

    test("passes everything again once it is repaired", async () => {
      assert.deepEqual(await look(), new Map());
    });
  });
}
