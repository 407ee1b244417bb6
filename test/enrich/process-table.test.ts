import assert from "node:assert/strict";
import { test } from "node:test";
import { ProcessTable } from "#enrich/process-table.ts";
import { call, exec, read } from "./sightings.ts";

const bash = "/usr/bin/bash";

test("ProcessTable gives an exec the event's id and the shell's description as parent", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: bash, args: ["bash", "-i"], eventId: "shell" }));

  const ls = table.observe(exec({ pid: 11, ppid: 10, exe: "/usr/bin/ls", eventId: "ls" }));

  assert.equal(ls.entityId, "ls");
  assert.equal(ls.previous, undefined);
  assert.deepEqual(read(ls.parent), {
    pid: 10,
    entity_id: "shell",
    executable: bash,
    name: "bash",
    args: ["bash", "-i"],
    args_count: 2,
  });
});

test("ProcessTable knows later events of a process as its own", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 11, ppid: 10, exe: "/usr/bin/ls", eventId: "ls" }));

  const open = table.observe(call({ pid: 11, ppid: 10, exe: "/usr/bin/ls" }));

  assert.equal(open.entityId, "ls");
});

test("ProcessTable makes an exec without fork a new image whose previous one is the same process", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 9, ppid: 1, exe: "/usr/sbin/sshd", eventId: "sshd" }));
  table.observe(exec({ pid: 10, ppid: 9, exe: bash, eventId: "shell" }));

  const dpkg = table.observe(exec({ pid: 10, ppid: 9, exe: "/usr/bin/dpkg", eventId: "dpkg" }));
  const query = table.observe(exec({ pid: 10, ppid: 9, exe: "/usr/bin/dpkg-query", eventId: "q" }));

  assert.equal(query.previous?.entityId, "dpkg");
  assert.equal(query.parent?.entityId, "sshd");
  assert.equal(dpkg.entityId, "dpkg");
});

test("ProcessTable keeps the parent image that ran when the child began", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: bash, eventId: "shell" }));
  table.observe(exec({ pid: 11, ppid: 10, exe: "/usr/bin/sleep", eventId: "sleep" }));
  table.observe(exec({ pid: 10, ppid: 1, exe: "/usr/bin/make", eventId: "make" }));

  const sleep = table.observe(call({ pid: 11, ppid: 10, exe: "/usr/bin/sleep" }));

  assert.equal(sleep.parent?.entityId, "shell");
});

test("ProcessTable takes another executable without an exec for another process", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 11, ppid: 10, exe: "/usr/bin/ls", eventId: "ls" }));

  const other = table.observe(call({ pid: 11, ppid: 10, exe: bash, eventId: "reuse" }));

  assert.equal(other.entityId, "reuse");
  assert.equal(other.previous, undefined);
});

test("ProcessTable takes another parent for another process", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 11, ppid: 10, exe: bash, eventId: "first" }));

  const met = table.observe(call({ pid: 11, ppid: 20, exe: bash, eventId: "second" }));
  const ran = table.observe(exec({ pid: 11, ppid: 30, exe: "/usr/bin/ls", eventId: "third" }));

  assert.equal(met.entityId, "second");
  assert.equal(ran.previous, undefined);
});

test("ProcessTable knows an orphan that went to init", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 1, ppid: 0, exe: "/usr/lib/systemd/systemd", eventId: "init" }));
  table.observe(exec({ pid: 11, ppid: 10, exe: "/usr/sbin/cron", eventId: "cron" }));

  const orphan = table.observe(call({ pid: 11, ppid: 1, exe: "/usr/sbin/cron" }));

  assert.equal(orphan.entityId, "cron");
  assert.equal(orphan.parent?.entityId, "init");
});

test("ProcessTable knows an orphan that went to a subreaper among its ancestors", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 5, ppid: 1, exe: "/usr/lib/systemd/systemd", eventId: "user" }));
  table.observe(exec({ pid: 10, ppid: 5, exe: bash, eventId: "shell" }));
  table.observe(exec({ pid: 11, ppid: 10, exe: "/usr/bin/sleep", eventId: "sleep" }));

  const orphan = table.observe(call({ pid: 11, ppid: 5, exe: "/usr/bin/sleep" }));

  assert.equal(orphan.entityId, "sleep");
  assert.equal(orphan.parent?.entityId, "user");
});

test("ProcessTable gives a forked process the arguments of the program it was forked from", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: bash, args: ["bash", "job.sh"] }));
  table.observe(call({ pid: 11, ppid: 10, exe: bash, eventId: "fork" }));

  const child = table.observe(exec({ pid: 12, ppid: 11, exe: "/usr/bin/ls" }));

  assert.deepEqual(read(child.parent), {
    pid: 11,
    entity_id: "fork",
    executable: bash,
    name: "bash",
    args: ["bash", "job.sh"],
    args_count: 2,
  });
});

test("ProcessTable gives the children of a parent it never saw one parent", () => {
  const table = new ProcessTable();

  const one = table.observe(exec({ pid: 11, ppid: 10, exe: "/usr/bin/ls", eventId: "one" }));
  const two = table.observe(exec({ pid: 12, ppid: 10, exe: "/usr/bin/ls", eventId: "two" }));
  const met = table.observe(call({ pid: 10, ppid: 1, exe: bash, eventId: "shell" }));

  assert.match(met.entityId, /^[0-9a-f]{32}$/);
  assert.equal(one.parent?.entityId, met.entityId);
  assert.equal(two.parent?.entityId, met.entityId);
  assert.deepEqual(read(two.parent), {
    pid: 10,
    entity_id: met.entityId,
    executable: bash,
    name: "bash",
  });
});

test("ProcessTable puts right the parent of a child that was logged before its parent's exec", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: bash, eventId: "shell", serial: 1, timeMs: 100 }));
  table.observe(exec({ pid: 12, ppid: 10, exe: "/bin/a", eventId: "a", serial: 5, timeMs: 101 }));
  table.observe(
    exec({ pid: 10, ppid: 1, exe: "/bin/make", eventId: "make", serial: 4, timeMs: 101 }),
  );

  const child = table.observe(call({ pid: 12, ppid: 10, exe: "/bin/a", serial: 6, timeMs: 102 }));

  assert.equal(child.parent?.entityId, "make");
});

test("ProcessTable gives a parent unknown till then the exec that is logged after its child's", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 12, ppid: 10, exe: "/bin/a", serial: 5, timeMs: 101 }));
  const make = table.observe(
    exec({ pid: 10, ppid: 1, exe: "/bin/make", args: ["make"], serial: 4, timeMs: 101 }),
  );

  const child = table.observe(call({ pid: 12, ppid: 10, exe: "/bin/a", serial: 6, timeMs: 102 }));

  assert.equal(child.parent?.entityId, make.entityId);
  assert.deepEqual(read(child.parent), {
    pid: 10,
    entity_id: make.entityId,
    executable: "/bin/make",
    name: "make",
    args: ["make"],
    args_count: 1,
  });
});

test("ProcessTable orders serials that wrapped within a millisecond", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: bash, eventId: "shell", serial: 9, timeMs: 1 }));
  table.observe(exec({ pid: 12, ppid: 10, exe: "/bin/a", serial: 1, timeMs: 101 }));
  const serial = 4_294_967_295;
  table.observe(exec({ pid: 10, ppid: 1, exe: "/bin/make", eventId: "make", serial, timeMs: 101 }));

  const child = table.observe(call({ pid: 12, ppid: 10, exe: "/bin/a", serial: 2, timeMs: 102 }));

  assert.equal(child.parent?.entityId, "make");
});

test("ProcessTable gives a late event of the image before to that image", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: bash, eventId: "shell", serial: 1, timeMs: 100 }));
  table.observe(exec({ pid: 10, ppid: 1, exe: "/bin/a", eventId: "a", serial: 5, timeMs: 101 }));

  const late = table.observe(call({ pid: 10, ppid: 1, exe: bash, serial: 4, timeMs: 101 }));
  const next = table.observe(call({ pid: 10, ppid: 1, exe: "/bin/a", serial: 6, timeMs: 102 }));

  assert.equal(late.entityId, "shell");
  assert.equal(next.entityId, "a");
});

test("ProcessTable keeps what runs now when an exec before it comes late", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: "/bin/b", eventId: "b", serial: 5, timeMs: 101 }));

  const late = table.observe(
    exec({ pid: 10, ppid: 1, exe: "/bin/a", eventId: "a", serial: 4, timeMs: 101 }),
  );
  const next = table.observe(call({ pid: 10, ppid: 1, exe: "/bin/b", serial: 6, timeMs: 102 }));

  assert.equal(late.entityId, "a");
  assert.equal(next.entityId, "b");
  assert.equal(next.previous?.entityId, "a");
});

test("ProcessTable goes on after the clock was set back", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: "/bin/b", eventId: "b", timeMs: 90_000_000 }));

  const after = table.observe(exec({ pid: 10, ppid: 1, exe: "/bin/a", eventId: "a", timeMs: 5 }));

  assert.equal(after.entityId, "a");
  assert.equal(table.observe(call({ pid: 10, ppid: 1, exe: "/bin/a", timeMs: 6 })).entityId, "a");
});

test("ProcessTable gives an exec that comes twice one image", () => {
  const table = new ProcessTable();
  const sighting = exec({ pid: 10, ppid: 1, exe: bash, eventId: "shell" });
  table.observe(sighting);

  const again = table.observe(sighting);

  assert.equal(again.entityId, "shell");
  assert.equal(again.previous, undefined);
});

test("ProcessTable knows a process whose executable was deleted", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: "/usr/sbin/sshd", eventId: "sshd" }));

  const later = table.observe(call({ pid: 10, ppid: 1, exe: "/usr/sbin/sshd (deleted)" }));

  assert.equal(later.entityId, "sshd");
});

test("ProcessTable takes a longer path for another executable", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: "/bin/a", eventId: "a" }));

  const later = table.observe(call({ pid: 10, ppid: 1, exe: "/bin/ab", eventId: "ab" }));

  assert.equal(later.entityId, "ab");
});

test("ProcessTable leaves the arguments out of a fragment that would be too long", () => {
  const table = new ProcessTable();
  table.observe(exec({ pid: 10, ppid: 1, exe: bash, args: ["x".repeat(5_000)], eventId: "long" }));

  const child = table.observe(exec({ pid: 11, ppid: 10, exe: "/bin/a" }));

  assert.deepEqual(read(child.parent), {
    pid: 10,
    entity_id: "long",
    executable: bash,
    name: "bash",
  });
});

test("ProcessTable leaves the executable out of a fragment that would be too long still", () => {
  const table = new ProcessTable();
  const exe = `/${"\u0001".repeat(4_000)}`;
  table.observe(exec({ pid: 10, ppid: 1, exe, eventId: "long" }));

  const child = table.observe(exec({ pid: 11, ppid: 10, exe: "/bin/a" }));

  assert.deepEqual(read(child.parent), { pid: 10, entity_id: "long" });
});

test("ProcessTable does not fall for processes that are each other's parents", () => {
  const table = new ProcessTable();

  for (let round = 0; round < 100; round++) {
    table.observe(call({ pid: 10, ppid: 11, exe: "/bin/a" }));
    table.observe(exec({ pid: 11, ppid: 10, exe: "/bin/b" }));
    table.observe(call({ pid: 12, ppid: 12, exe: "/bin/c" }));
    table.observe(exec({ pid: 10, ppid: 11, exe: "/bin/a" }));
  }

  assert.ok(table.size.entries <= 130);
});
