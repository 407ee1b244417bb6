import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessFacts } from "#enrich/process-facts.ts";
import { ProcessTable } from "#enrich/process-table.ts";
import { call, exec, read } from "./sightings.ts";

const bash = "/usr/bin/bash";

test("ProcessTable starts from what runs, and its first event completes the description", () => {
  const table = new ProcessTable();
  table.seed([facts({ pid: 10, args: ["sshd: alice"] }), facts({ pid: 11, ppid: 10 })]);

  const sshd = table.observe(call({ pid: 10, ppid: 1, exe: "/usr/sbin/sshd" }));
  const child = table.observe(exec({ pid: 12, ppid: 10, exe: bash }));

  assert.equal(sshd.entityId, "running-10");
  assert.deepEqual(read(child.parent), {
    pid: 10,
    entity_id: "running-10",
    executable: "/usr/sbin/sshd",
    name: "sshd",
    args: ["sshd: alice"],
    args_count: 1,
    command_line: "sshd: alice",
  });
});

test("ProcessTable does not take an event for that of a process which began after it", () => {
  const table = new ProcessTable();
  table.seed([facts({ pid: 10, startMs: 900_000 })]);

  const older = table.observe(call({ pid: 10, ppid: 1, exe: bash, timeMs: 100, eventId: "old" }));

  assert.equal(older.entityId, "old");
});

test("ProcessTable looks up a parent it does not know, and inherits its container", () => {
  const known = new Map([[10, facts({ pid: 10, containerId: "c0ffee", isContained: true })]]);
  const table = new ProcessTable({ lookup: (pid) => known.get(pid) });

  const child = table.observe(exec({ pid: 11, ppid: 10, exe: bash }));
  const grandchild = table.observe(exec({ pid: 12, ppid: 11, exe: "/bin/a" }));

  assert.equal(child.parent?.entityId, "running-10");
  assert.equal(grandchild.containerId, "c0ffee");
  assert.equal(grandchild.isContained, true);
});

test("ProcessTable sees by the start time that a pid was used again by the same parent", () => {
  let startTicks = 100;
  const table = new ProcessTable({
    lookup: (pid) => (pid === 11 ? facts({ pid, startTicks }) : undefined),
  });
  table.observe(exec({ pid: 11, ppid: 10, exe: "/bin/a", eventId: "a" }));
  startTicks = 200;

  const again = table.observe(exec({ pid: 11, ppid: 10, exe: "/bin/b", eventId: "b" }));

  assert.equal(again.previous, undefined);
});

test("ProcessTable takes arguments from /proc only while the program is the same", () => {
  const shown = [
    facts({ pid: 10, comm: "bash", args: ["-bash"] }),
    facts({ pid: 11, comm: "curl" }),
  ];
  const table = new ProcessTable({ lookup: (pid) => shown.find((each) => each.pid === pid) });
  table.observe(call({ pid: 10, ppid: 1, exe: bash }));
  table.observe(call({ pid: 11, ppid: 1, exe: bash }));

  const one = table.observe(exec({ pid: 12, ppid: 10, exe: "/bin/a" }));
  const two = table.observe(exec({ pid: 13, ppid: 11, exe: "/bin/a" }));

  assert.deepEqual(Object.keys(read(one.parent) as object).includes("args"), true);
  assert.deepEqual(Object.keys(read(two.parent) as object).includes("args"), false);
});

function facts(known: Partial<ProcessFacts> & { readonly pid: number }): ProcessFacts {
  return {
    ppid: 1,
    entityId: `running-${known.pid}`,
    startTicks: 1,
    startMs: 0,
    isInit: false,
    comm: "sshd",
    args: ["something"],
    containerId: undefined,
    unit: undefined,
    isContained: false,
    ...known,
  };
}
