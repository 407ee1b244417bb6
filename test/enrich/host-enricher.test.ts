import assert from "node:assert/strict";
import { test } from "node:test";
import { HostEnricher } from "#enrich/host-enricher.ts";
import { Names } from "#enrich/names.ts";
import { Proc } from "#enrich/proc.ts";
import { call, exec, read } from "./sightings.ts";
import { startTree } from "./tree.ts";

const identity = { hostKey: "host", bootId: "boot" };

test("HostEnricher knows the parent of a process that ran before it started", async () => {
  const tree = await startTree("sleep 60 & echo $!; wait");
  const enricher = createLive();
  enricher.start(undefined, Date.now());

  const timeMs = Date.now();
  const exe = "/usr/bin/sleep";
  const seen = enricher.observe(call({ pid: tree.sleeper, ppid: tree.shell, exe, timeMs }));

  await tree.end();
  const parent = read(seen.parent) as { readonly pid: number; readonly args: string[] };
  assert.equal(parent.pid, tree.shell);
  assert.deepEqual(parent.args, ["/bin/sh", "-c", "sleep 60 & echo $!; wait"]);
});

test("HostEnricher drops processes that are gone from this machine", () => {
  const enricher = createLive();
  enricher.start(undefined, Date.now());
  const before = enricher.processes;
  for (let pid = 5_000_000; pid < 5_000_100; pid++) {
    enricher.observe(exec({ pid, ppid: 1, exe: "/bin/a", timeMs: Date.now() - 120_000 }));
  }
  const own = { pid: process.pid, ppid: process.ppid, exe: process.execPath, timeMs: Date.now() };
  enricher.observe(call(own));

  enricher.tick(Date.now());

  assert.ok(enricher.processes <= before + 1);
});

test("HostEnricher gives the next one what it knows", () => {
  const enricher = createLive();
  const timeMs = Date.now();
  enricher.observe(exec({ pid: 5_000_000, ppid: 1, exe: "/bin/a", eventId: "a", timeMs }));
  const next = createLive();

  next.start(enricher.snapshot(timeMs), timeMs + 1_000);

  const seen = next.observe(call({ pid: 5_000_000, ppid: 1, exe: "/bin/a", timeMs: timeMs + 1 }));
  assert.equal(seen.entityId, "a");
});

test("HostEnricher without a host knows what the log says and no more", () => {
  const enricher = new HostEnricher({ bootId: "" });
  enricher.tick(0);

  const seen = enricher.observe(exec({ pid: 10, ppid: process.pid, exe: "/bin/a", eventId: "a" }));

  assert.deepEqual(Object.keys(read(seen.parent) as object), ["pid", "entity_id"]);
  assert.equal(enricher.names, undefined);
});

test("HostEnricher names this machine's users and groups", () => {
  const users = new Names({ database: "passwd", path: "/etc/passwd" });
  const groups = new Names({ database: "group", path: "/etc/group" });
  const enricher = new HostEnricher({ users, groups, bootId: "" });

  assert.equal(enricher.names?.userName(0), "root");
  assert.equal(enricher.names?.groupName(0), "root");
});

function createLive(): HostEnricher {
  return new HostEnricher({ ...identity, proc: new Proc({ ...identity, now: Date.now }) });
}
