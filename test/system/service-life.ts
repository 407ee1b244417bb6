import assert from "node:assert/strict";
import { test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import type { Vm } from "#test/support/vm.ts";

const { account, auditGroup, service } = footprint;
const slowMs = 300_000;
const asAgent = `setpriv --reuid ${account.name} --regid ${account.group} --init-groups`;
let watched = 0;

/** What a host's services are handled by. */
export interface ServiceManager {
  readonly name: string;
  /** The command that has the service do an act, or tell whether it runs: it ends with 3 if it is stopped. */
  readonly service: (act: "reload" | "restart" | "start" | "status" | "stop") => string;
  /** Ends well if the service starts at boot. */
  readonly isEnabled: string;
  /** Shell words for the process id of the agent, where it runs. */
  readonly agent: string;
  /** Shell words for the folder of the agent's control group. */
  readonly controlGroup: string;
  /** The groups that its account is in. */
  readonly groups: readonly string[];
}

export const systemdManager: ServiceManager = {
  name: "systemd",
  service: (act) => `systemctl ${act} ${service}`,
  isEnabled: `systemctl is-enabled ${service}`,
  agent: `$(systemctl show --property MainPID --value ${service})`,
  controlGroup: `/sys/fs/cgroup/system.slice/${service}.service`,
  groups: [account.group, auditGroup, "systemd-journal"],
};

export const openrcManager: ServiceManager = {
  name: "openrc",
  service: (act) => `rc-service ${service} ${act}`,
  isEnabled: `rc-update show default | grep -w ${service}`,
  // Its supervisor began it.
  agent: `$(pgrep -P "$(cat /run/supervise-${service}.pid)")`,
  controlGroup: `/sys/fs/cgroup/*${service}`,
  groups: [account.group, auditGroup],
};

/** The life of the service where the package is installed. Each test goes on where the last one ended. */
export function testServiceLife(manager: ServiceManager, machine: () => Vm): void {
  const { agent, controlGroup, isEnabled, name } = manager;
  const status = manager.service("status");

  test("its service is enabled, runs and collects", async () => {
    const vm = machine();
    await vm.must(`${isEnabled}; ${status}`);
    await proveCollecting(vm);
  });

  test("its agent has no right, its groups, and its bounds", async () => {
    const shown = await machine().must(`cd /proc/${agent}; cat comm status limits
      echo nice $(cut -d' ' -f19 stat)
      cd ${controlGroup}; head memory.max pids.max cpu.max; id ${account.name}`);

    keepEvidence(`${name} process`, shown);
    const {
      uid,
      gid,
      list = "",
    } = /^uid=(?<uid>\d+)\S* gid=(?<gid>\d+)\S* groups=(?<list>\S+)$/m.exec(shown)?.groups ?? {};
    const groups = [...list.matchAll(/(?<id>\d+)\((?<name>[\w-]+)\)/g)].map((each) => each.groups);
    assert.deepEqual(groups.map((each) => each?.name).toSorted(), manager.groups.toSorted());
    const gids = groups.map((each) => Number(each?.id)).toSorted((one, other) => one - other);
    for (const line of [
      ...[`Uid:\t${[uid, uid, uid, uid].join("\t")}`, `Gid:\t${[gid, gid, gid, gid].join("\t")}`],
      ...[`Groups:\t${gids.join(" ")} `, "NoNewPrivs:\t1", "Umask:\t0077", "nice 5"],
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
  });

  test("it is reloaded, restarted, stopped and started", async () => {
    const vm = machine();
    const first = await vm.must(`echo ${agent}`);
    await vm.must(manager.service("reload"));
    await vm.until(`grep "settings read again" ${identity.logDirectory}/${identity.agent}.log`);
    assert.equal(await vm.must(`echo ${agent}`), first);

    await vm.must(manager.service("restart"), slowMs);
    assert.notEqual(await vm.must(`echo ${agent}`), first);
    await vm.must(status);

    await vm.must(manager.service("stop"), slowMs);
    assert.equal((await vm.run(status)).status, 3);
    assert.equal((await vm.run(`pgrep -u ${account.name}`)).stdout, "");

    await vm.must(manager.service("start"), slowMs);
    await proveCollecting(vm);
  });

  test("its agent is started again when it was killed", async () => {
    const vm = machine();
    const first = (await vm.must(`echo ${agent}`)).trim();
    await vm.must(`kill -KILL ${agent}`);

    // Until it executes the agent, it may be a copy of its supervisor.
    await vm.until(
      `test "$(echo ${agent})" != ${first} && grep -q ^${service} "/proc/$(echo ${agent})/comm"`,
    );

    await vm.must(status);
    await proveCollecting(vm);
  });

  test("it collects from the boot on, and the way from the kernel to the spool is proved", async () => {
    const vm = machine();
    await vm.put("[canary]\ninterval = 5s\n", "/root/settings");
    await vm.must(
      `install -m 600 -o ${account.name} -g ${account.group} /root/settings ${identity.configFile}`,
    );
    await vm.reboot();

    await proveCollecting(vm);
    await vm.must(status);
    await vm.until(`grep '"seen":[1-9]' ${identity.runtimeDirectory}/status.json`, slowMs);
  });
}

/** Has somebody change a watched file, and waits until that is told. */
export async function proveCollecting(vm: Vm): Promise<void> {
  const path = `/etc/cron.d/watched-${++watched}`;
  await vm.must(`touch ${path}; rm ${path}`);
  await vm.until(`${asAgent} linuxguard events --json file.path=${path} | grep ${path}`, slowMs);
}
