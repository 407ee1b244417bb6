import assert from "node:assert/strict";
import { test } from "node:test";
import { ProcessTable } from "#enrich/process-table.ts";
import { call, exec } from "./sightings.ts";

const bash = "/usr/bin/bash";

test("ProcessTable drops what is gone, and keeps the ancestors of what lives", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: bash, eventId: "shell", timeMs: 0 }));
  table.observe(exec({ pid: 11, ppid: 10, exe: "/bin/a", eventId: "a", timeMs: 1 }));
  table.observe(exec({ pid: 12, ppid: 10, exe: "/bin/b", timeMs: 2 }));
  table.observe(call({ pid: 99, ppid: 0, exe: "/bin/clock", timeMs: 120_000 }));

  table.expire(new Set([1, 11, 99]));

  const child = table.observe(call({ pid: 11, ppid: 10, exe: "/bin/a", timeMs: 120_001 }));
  assert.equal(child.parent?.entityId, "shell");
  assert.equal(table.size.entries, 4);
});

test("ProcessTable keeps to its limits, and keeps what is seen again", () => {
  const table = new ProcessTable({ limits: { entries: 1_000, bytes: 200_000 } });

  for (let pid = 100; pid < 20_000; pid++) {
    table.observe(
      exec({
        pid,
        ppid: pid % 7 === 0 ? pid - 1 : 2,
        exe: "/bin/a",
        args: ["y".repeat(pid % 3_000)],
      }),
    );
    table.observe(call({ pid: 50, ppid: 2, exe: bash, eventId: `at ${pid}` }));
    assert.ok(table.size.entries <= 1_002 && table.size.bytes <= 220_000);
  }

  const shell = table.observe(call({ pid: 50, ppid: 2, exe: bash }));
  assert.equal(shell.entityId, "at 100");
});

test("ProcessTable keeps a line of ancestors short, however long it grows", () => {
  const table = new ProcessTable();

  for (let pid = 100; pid < 5_000; pid++)
    table.observe(exec({ pid, ppid: pid - 1, exe: "/bin/a" }));
  table.observe(call({ pid: 99_999, ppid: 0, exe: "/bin/clock", timeMs: 100_000_000 }));
  table.expire(new Set([4_999, 99_999]));

  assert.ok(table.size.entries <= 66);
});
