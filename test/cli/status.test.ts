import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { lineFates } from "#model/ledger.ts";
import type { AgentStatus } from "#model/status.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "status-"));
  writeFileSync(join(folder, "linuxguard.conf"), `[agent]\nruntime_directory = ${folder}\n`);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function status(...args: readonly string[]) {
  const command = ["src/main.ts", "status", `--config=${join(folder, "linuxguard.conf")}`, ...args];
  return spawnSync(process.execPath, command, { encoding: "utf8", env: {} });
}

/** What a living agent tells: this process is as alive as one. */
function tell(more: Partial<AgentStatus>): AgentStatus {
  const counts = lineFates.map((fate) => [fate, { lines: 0, bytes: 0 }]);
  const loss = { count: 1, events: 0, bytes: 5, first: "1.000:1", last: "1.000:1" };
  const told: AgentStatus = {
    version: "0.1.0",
    pid: process.pid,
    startedAt: "2026-11-23T03:19:20.411Z",
    updatedAt: new Date().toISOString(),
    health: [],
    source: {
      path: "/var/log/audit/audit.log",
      access: "readable",
      bytesBehind: 7,
      lastReadAt: undefined,
    },
    spool: {
      directory: "/var/lib/linuxguard/spool",
      state: "writable",
      sizeBytes: 123_456,
      maxBytes: 1_073_741_824,
      sequence: 3,
      documents: 42,
    },
    canary: { state: "alive", sent: 3, seen: 2, missed: 0, delayMs: 64 },
    visibility: { ever: 0.99996 },
    console: {
      state: "unenrolled",
      lag: { events: 42, bytes: 123_456, seconds: 0 },
      rejected: 0,
      shed: 0,
    },
    ledger: {
      read: { lines: 84, bytes: 9_000 },
      inFlight: { lines: 0, bytes: 0 },
      fates: Object.fromEntries(counts) as AgentStatus["ledger"]["fates"],
      documents: 42,
      losses: { truncated: loss },
    },
    ...more,
  };
  writeFileSync(join(folder, "status.json"), JSON.stringify(told));
  return told;
}

test("linuxguard status tells how a running agent fares and ends with 0", () => {
  tell({});

  const { status: code, stdout, stderr } = status();

  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^state +well$/m);
  assert.match(stdout, /^spool +\/var\/lib\/linuxguard\/spool, writable, 123456 of 1GiB$/m);
  assert.match(stdout, /^canary +alive, 2 of 3 acts came back, the last after 64 ms$/m);
  assert.match(stdout, /^visibility +no events in the last hour, 99\.99 % ever$/m);
  assert.match(stdout, /^lost: truncated +1 times, 0 events, 5 bytes, from 1\.000:1 to 1\.000:1$/m);
});

test("linuxguard status ends with 1 if not all is well", () => {
  tell({ health: ["audit_access_lost", "lagging"] });

  const { status: code, stdout } = status();

  assert.equal(code, 1);
  assert.match(stdout, /^state +audit_access_lost, lagging$/m);
});

test("linuxguard status tells of a spool that refuses what keeps it and what helps, and ends with 1", () => {
  const problem = {
    code: "spool.unusable",
    message: 'Cannot write to spool /s: current value of the error is "ENOSPC"',
    hint: "Free space on the spool's file system; writing goes on by itself.",
  } as const;
  tell({ health: ["spool_refused"], problem });

  const { status: code, stdout } = status();

  assert.equal(code, 1);
  assert.match(stdout, /^problem +Cannot write to spool \/s: .*"ENOSPC"$/m);
  assert.match(stdout, /^remedy +Free space on the spool's file system/m);
});

test("linuxguard status ends with 3 if there is no agent, it is gone, or it hangs", () => {
  const never = status();
  tell({ pid: 2 ** 22 });
  const gone = status();
  tell({ updatedAt: new Date(Date.now() - 11_000).toISOString() });
  const hangs = status();

  assert.deepEqual(
    [never, gone, hangs].map((each) => each.status),
    [3, 3, 3],
  );
  assert.match(never.stdout, /^linuxguard-agent does not run: there is no .*status\.json\n$/);
  assert.match(gone.stdout, /^state +not running$/m);
  assert.match(hangs.stdout, /^state +hangs$/m);
});

test("linuxguard status --json writes all of it as one line", () => {
  const told = tell({});

  const { status: code, stdout } = status("--json");

  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    running: "running",
    ...(JSON.parse(JSON.stringify(told)) as object),
  });
  assert.equal(stdout.indexOf("\n"), stdout.length - 1);
});

test("linuxguard status reads no link, no folder and nothing that is no status, and ends with 66", () => {
  const path = join(folder, "status.json");
  const makers = [
    () => symlinkSync("/etc/hostname", path),
    () => mkdirSync(path),
    () => writeFileSync(path, "{}"),
    () => writeFileSync(path, '{"spool":{"state":"unopened"}}'),
    () => writeFileSync(path, JSON.stringify({ ...tell({}), problem: "\u001b[2J" })),
    () => writeFileSync(path, "\u001b[2J"),
    () => writeFileSync(path, " ".repeat(2_000_000)),
  ];
  for (const make of makers) {
    make();

    const { status: code, stdout, stderr } = status();

    assert.deepEqual([code, stdout], [66, ""]);
    assert.match(stderr, /^linuxguard: Cannot read .*status\.json: E(LOOP|INVAL)\n/);
    rmSync(path, { recursive: true });
  }
});

test("linuxguard status says which events are shed as the spool is nearly full", () => {
  const { spool } = tell({});
  tell({ spool: { ...spool, shedsBelow: "ordinary" } });

  const { stdout } = status();

  assert.match(stdout, /^spool .* of 1GiB, events below ordinary severity are shed$/m);
});
