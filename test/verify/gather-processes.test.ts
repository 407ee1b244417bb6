import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import type { Fact } from "#verify/fact.ts";
import type { Process } from "#verify/facts.ts";
import { gatherProcesses } from "#verify/gather-processes.ts";
import { createHost, type Host } from "#verify/host.ts";

/** A user that no test host has. */
const uid = 61_996;
const program = footprint.files.agent.path;

let root = "";
const begun: ChildProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gather-processes-"));
  place(1, { exe: "/usr/lib/systemd/systemd", calledAs: "/sbin/init" });
});
afterEach(async () => {
  for (const child of begun.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
  rmSync(root, { recursive: true });
});

/** Puts a process into the tree, as /proc has it. */
function place(
  pid: number,
  more: { ppid?: number; uid?: number; exe?: string; calledAs?: string; capBnd?: string } = {},
): string {
  const { ppid = 1, uid: id = 0, exe = "/bin/sh", calledAs = exe, capBnd = "0" } = more;
  const folder = join(root, "proc", String(pid));
  mkdirSync(join(folder, "fd"), { recursive: true });
  mkdirSync(join(folder, "net"));
  const ids = [id, id, id, id].join("\t");
  const sets = ["CapInh", "CapPrm", "CapEff", "CapAmb"].map((set) => `${set}:\t0000000000000000`);
  const lines = [
    ...["Name:\tx", `PPid:\t${ppid}`, `Uid:\t${ids}`, `Gid:\t${ids}`, "Groups:\t4 27 "],
    ...[...sets, `CapBnd:\t${capBnd.padStart(16, "0")}`, "NoNewPrivs:\t1", "Seccomp:\t2"],
  ];
  writeFileSync(join(folder, "status"), `${lines.join("\n")}\n`);
  writeFileSync(join(folder, "cmdline"), `${calledAs}\0run\0`);
  writeFileSync(join(folder, "environ"), "LANG=C\0PATH=/bin\0");
  symlinkSync(exe, join(folder, "exe"));
  return folder;
}

/** Looks at the tree as process 900, which began 901. */
function gatherTree(): readonly Process[] {
  return known(gatherProcesses({ ...createHost(), root }, uid, 900));
}

function known<T>(fact: Fact<T>): T {
  if ("why" in fact) throw new Error(fact.why);
  return fact.value;
}

test("gatherProcesses() tells what a real process of the account is and has", async () => {
  const listen = "require('net').createServer().listen(0, '127.0.0.1', () => console.log(1))";
  const ids = [`--reuid=${uid}`, `--regid=${uid}`, "--groups=61990,61991"];
  const rights = ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
  const args = [...ids, ...rights, process.execPath, "-e", listen];
  const env = { NODE_OPTIONS: "--no-warnings", PATH: "/usr/bin:/bin" };
  const child = spawn("setpriv", args, { env, stdio: ["pipe", "pipe", "inherit"] });
  begun.push(child);
  await once(child.stdout, "data");

  // As if another process looked: what this one began is left out else.
  const [found, ...more] = known(gatherProcesses(createHost(), uid, 1));

  assert.deepEqual(more, []);
  assert.match(JSON.stringify(found?.listening), /^\{"value":\["tcp 0100007F:\d+"\]\}$/);
  assert.deepEqual(
    { ...found, listening: undefined },
    {
      ...{ pid: child.pid, uids: [uid, uid, uid, uid], gids: [uid, uid, uid, uid] },
      ...{ groups: [61_990, 61_991], capabilities: [], noNewPrivileges: true, seccomp: 0 },
      ...{ isAgent: false, environment: { value: ["NODE_OPTIONS", "PATH"] }, listening: undefined },
    },
  );
});

test("gatherProcesses() finds the agent by its program, whoever it runs as, and what it began", () => {
  place(700, { exe: program, uid });
  place(701, { exe: `${program} (deleted)`, calledAs: "linuxguard-agent", capBnd: "2" });
  place(702, { exe: "/bin/sh", ppid: 703 });
  place(703, { exe: "/bin/sh", ppid: 701 });
  place(704, { exe: "/bin/sh", uid });
  place(705, { exe: "/bin/sh" });

  const found = gatherTree();

  assert.deepEqual(
    found.map(({ pid, isAgent, uids }) => [pid, isAgent, uids[0]]),
    [
      [700, true, uid],
      [701, true, 0],
      [702, true, 0],
      [703, true, 0],
      [704, false, uid],
    ],
  );
  assert.deepEqual(found[1]?.capabilities, ["CapBnd"]);
  assert.deepEqual(found[0]?.groups, [4, 27]);
});

test("gatherProcesses() leaves out who looks, and the command line tool", () => {
  place(800, { exe: "/bin/bash", uid });
  place(900, { exe: program, calledAs: "linuxguard", ppid: 800, uid });
  place(901, { exe: "/usr/bin/getent", ppid: 900, uid });
  place(902, { exe: program, calledAs: "/usr/bin/linuxguard" });

  assert.deepEqual(gatherTree(), []);
});

test("gatherProcesses() finds sockets of each kind that take connections, of the process only", () => {
  const folder = place(700, { exe: program, uid });
  for (const [fd, inode] of [11, 12, 13, 14].entries()) {
    symlinkSync(`socket:[${inode}]`, join(folder, "fd", String(fd)));
  }
  symlinkSync("/dev/null", join(folder, "fd", "9"));
  const head = "  sl  local_address rem_address   st …\n";
  const row = (local: string, state: string, inode: number) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000   0        0 ${inode} 1\n`;
  const tcp = row("0100007F:0016", "0A", 11) + row("00000000:1F90", "0A", 99);
  writeFileSync(join(folder, "net/tcp"), head + tcp + row("0100007F:0017", "01", 14));
  writeFileSync(
    join(folder, "net/tcp6"),
    head + row("00000000000000000000000000000000:0050", "0A", 12),
  );
  const unix = "0000000000000000: 00000002 00000000 00010000 0001 01 13 /run/x\n";
  const connected = "0000000000000000: 00000003 00000000 00000000 0001 03 14 /run/y\n";
  writeFileSync(join(folder, "net/unix"), `Num …\n${unix}${connected}`);

  const [found] = gatherTree();

  const wanted = ["tcp 0100007F:22", `tcp6 ${"0".repeat(32)}:80`, "unix /run/x"];
  assert.deepEqual(found?.listening, { value: wanted });
});

test("gatherProcesses() knows nothing where /proc hides what others run", () => {
  rmSync(join(root, "proc/1"), { recursive: true });

  assert.deepEqual(gatherProcesses({ ...createHost(), root }, uid, 900), {
    why: "/proc shows no processes of others",
  });
});

test("gatherProcesses() bears processes that end while it looks", () => {
  mkdirSync(join(root, "proc/600"));
  const host: Host = { ...createHost(), root };

  assert.deepEqual(known(gatherProcesses(host, uid, 900)), []);
});
