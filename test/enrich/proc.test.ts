import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Proc } from "#enrich/proc.ts";
import { startTree } from "./tree.ts";

const identity = { hostKey: "host", bootId: "boot" };
const folder = mkdtempSync(join(tmpdir(), "linuxguard-proc-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs a test's body with the rights of nobody, as the agent has none of root's. */
async function unprivileged(body: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await body();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test("Proc reads a real tree of processes without being root, and what ends is gone", async () => {
  const script = `printf 'a) (b c' > /proc/self/comm; sleep 60 & echo $!; wait`;
  const tree = await startTree(script, "", "last arg");
  const proc = new Proc({ ...identity, now: Date.now });

  await unprivileged(async () => {
    const parent = proc.lookup(tree.shell);
    const child = [...proc.processes()].find((each) => each.pid === tree.sleeper);

    assert.equal(parent?.comm, "a) (b c");
    assert.equal(parent?.ppid, process.pid);
    assert.deepEqual(parent?.args, ["/bin/sh", "-c", script, "", "last arg"]);
    assert.ok(Math.abs(Date.now() - (parent?.startMs ?? 0)) < 30_000);
    assert.equal(child?.ppid, tree.shell);
    assert.deepEqual(child?.args, ["sleep", "60"]);
    assert.equal(proc.lookup(tree.shell)?.entityId, parent?.entityId);
    assert.notEqual(child?.entityId, parent?.entityId);
  });

  await tree.end();
  assert.equal(proc.lookup(tree.shell), undefined);
  assert.equal(proc.pids().has(tree.shell), false);
});

test("Proc sees pid 1 as an init", () => {
  const proc = new Proc({ ...identity, now: Date.now });

  assert.equal(proc.lookup(1)?.isInit, true);
});

test("Proc looks up no more than it may in a second", () => {
  let nowMs = 5_000;
  const proc = new Proc({ ...identity, now: () => nowMs, lookupsPerSecond: 2 });

  const found = [1, 1, 1].map((pid) => proc.lookup(pid) !== undefined);
  nowMs += 1_000;

  assert.deepEqual(found, [true, true, false]);
  assert.notEqual(proc.lookup(1), undefined);
});

test("Proc reads container, user namespace and init from a process's files", () => {
  const root = fakeProc("contained", "pid:[4026531836]");
  addProcess(root, 1, {});
  addProcess(root, 4_711, {
    cgroup: `0::/system.slice/docker-${"ab".repeat(32)}.scope\n`,
    status: "NSpid:\t4711\t1\n",
    uid_map: "         0     100000      65536\n",
    cmdline: "nginx: master\0",
  });
  addProcess(root, 4_712, { uid_map: "         0     100000      65536\n" });
  const proc = new Proc({ ...identity, root, now: () => 1_000_000 });

  const facts = proc.lookup(4_711);
  const other = proc.lookup(4_712);

  assert.deepEqual(facts, {
    pid: 4_711,
    ppid: 10,
    startTicks: 24_601,
    startMs: 1_000_000 - 1_000_000 + 246_010,
    entityId: facts?.entityId,
    comm: "bash",
    args: ["nginx: master"],
    isInit: true,
    containerId: "ab".repeat(32),
    unit: undefined,
    isContained: true,
  });
  assert.equal(other?.containerId, undefined);
  assert.equal(other?.isContained, true);
  assert.equal(proc.access(), "all");
});

test("Proc tells that processes are hidden or are of another namespace", () => {
  const hidden = fakeProc("hidden", "pid:[4026531836]");
  const inside = fakeProc("inside", "pid:[4026532100]");
  addProcess(inside, 1, {});

  assert.equal(new Proc({ ...identity, root: hidden, now: Date.now }).access(), "hidden");
  assert.equal(new Proc({ ...identity, root: inside, now: Date.now }).access(), "namespace");
});

test("Proc passes over a process whose files are hostile or half gone", () => {
  const root = fakeProc("hostile", "pid:[4026531836]");
  addProcess(root, 20, { stat: "\u0000".repeat(10_000) });
  addProcess(root, 21, { stat: `21 (${")".repeat(5_000)}` });
  mkdirSync(join(root, "22"));
  addProcess(root, 23, { cgroup: ":::::\n\n0::", status: "", uid_map: "", cmdline: "\0\0" });
  const proc = new Proc({ ...identity, root, now: () => 1_000_000 });

  const found = [...proc.processes()];

  assert.deepEqual(
    found.map(({ pid, args, isContained }) => [pid, args, isContained]),
    [[23, ["", ""], false]],
  );
});

function fakeProc(name: string, namespace: string): string {
  const root = join(folder, name);
  mkdirSync(join(root, "self", "ns"), { recursive: true });
  symlinkSync(namespace, join(root, "self", "ns", "pid"));
  writeFileSync(join(root, "uptime"), "1000.00 2000.00\n");
  return root;
}

function addProcess(root: string, pid: number, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(root, String(pid)));
  const stat = `${pid} (bash) S 10 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 24601 1 1`;
  for (const [name, text] of Object.entries({ stat, ...files })) {
    writeFileSync(join(root, String(pid), name), text);
  }
}
