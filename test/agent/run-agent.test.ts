import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { WaitingStatus } from "#model/status.ts";
import { Spool } from "#spool/spool.ts";
import { verifySpool } from "#spool/verify.ts";
import { TestAgent } from "#test/support/agent.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { assertBalanced } from "#test/support/ledger.ts";
import { readSpooled } from "#test/support/spooled.ts";

/** What `linuxguard status` shows of an agent. */
function showStatus(agent: TestAgent, ...args: readonly string[]) {
  const command = ["src/main.ts", "status", "-c", agent.configFile, ...args];
  return spawnSync(process.execPath, command, { encoding: "utf8", env: {} });
}

const log = generateLog({ seed: 26, events: 400, nodes: [""] });

/** The messages in the agent's own log. */
function messagesOf(agent: TestAgent): readonly string[] {
  return readFileSync(join(agent.folder, "log", "linuxguard-agent.log"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { message: string }).message);
}

test("The agent refuses to run as root and ends with 77", async () => {
  await using agent = await TestAgent.create();

  const { code, stderr } = await agent.start({ asRoot: true }).ended;

  assert.equal(code, 77);
  assert.match(stderr, /Cannot run linuxguard-agent: current value of the user id is "0"/);
});

test("The agent tells what is wrong with its settings and ends with 78", async () => {
  await using agent = await TestAgent.create();
  agent.configure({ spool: ["sise = 1GiB"] });

  const { code, stderr } = await agent.start().ended;

  assert.equal(code, 78);
  assert.match(stderr, /linuxguard\.conf:\d+/);
});

test("The agent is called by its name, as far as the kernel keeps names, and keeps its command line", async () => {
  await using agent = await TestAgent.create();
  writeFileSync(agent.logFile, "");

  const run = agent.start();
  await agent.until("the first status", ({ pid }) => pid === run.pid);
  const comm = readFileSync(`/proc/${run.pid}/comm`, "utf8");
  const words = readFileSync(`/proc/${run.pid}/cmdline`, "utf8").split("\0");
  run.signal("SIGTERM");
  await run.ended;

  assert.equal(comm, "linuxguard-agen\n");
  assert.deepEqual(words.slice(2, -1), ["agent", "run", "--config", agent.configFile]);
});

test("The agent knows after a restart what ran before it, though it has ended since", async () => {
  await using agent = await TestAgent.create();
  const seconds = Math.floor(Date.now() / 1_000);
  writeFileSync(agent.logFile, childOf({ seconds, serial: 1, isParent: true }));
  const first = agent.start();
  await agent.until("the parent", ({ ledger }) => ledger.documents === 1);
  first.signal("SIGTERM");
  await first.ended;
  appendFileSync(agent.logFile, childOf({ seconds, serial: 2, isParent: false }));

  const second = agent.start();
  await agent.until("the child", ({ ledger }) => ledger.documents === 2);
  second.signal("SIGTERM");
  await second.ended;

  const shown = ["src/main.ts", "events", "--json", "-c", agent.configFile, "process.name=child"];
  const { stdout } = spawnSync(process.execPath, shown, { encoding: "utf8", env: {} });
  assert.match(stdout, /"parent":\{"pid":5000000,[^}]*"executable":"\/usr\/bin\/gone"/);
  assert.equal(statSync(join(agent.folder, "state", "processes.json")).mode & 0o777, 0o640);
});

/** A call of a process whose pid no process can have, or of its child. */
function childOf(of: { seconds: number; serial: number; isParent: boolean }): string {
  const stamp = `audit(${of.seconds}.000:${of.serial})`;
  const [pid, ppid, name] = of.isParent ? [5_000_000, 1, "gone"] : [5_000_001, 5_000_000, "child"];
  return (
    `type=SYSCALL msg=${stamp}: arch=c000003e syscall=59 success=yes exit=0 a0=0 a1=0 a2=0 a3=0 items=0 ` +
    `ppid=${ppid} pid=${pid} auid=0 uid=0 gid=0 euid=0 comm="${name}" exe="/usr/bin/${name}" key=(null)\n` +
    `type=EXECVE msg=${stamp}: argc=1 a0="${name}"\ntype=PROCTITLE msg=${stamp}: proctitle="${name}"\n`
  );
}

test("A second agent on one spool ends with 75 and does not disturb the first", async () => {
  await using agent = await TestAgent.create();
  writeFileSync(agent.logFile, log);
  const first = agent.start();
  await agent.until("a batch", ({ spool }) => spool.sequence > 0);

  const second = await agent.start().ended;
  appendFileSync(agent.logFile, log);
  await agent.until("the end of the log", ({ ledger }) => ledger.read.bytes === 2 * log.length);
  first.signal("SIGTERM");

  assert.equal(second.code, 75);
  assert.match(second.stderr, new RegExp(`the holder's pid is "${first.pid}"`));
  assert.equal((await first.ended).code, 0);
});

test("The agent writes all that it has read before it ends at SIGTERM, and goes on from there", async () => {
  await using agent = await TestAgent.create();
  agent.configure({ spool: ["flush_interval = 60s"] });
  const middle = log.length >> 1;
  writeFileSync(agent.logFile, log.subarray(0, middle));
  const first = agent.start();
  await agent.until("half of the log", ({ ledger }) => ledger.read.bytes === middle);
  const early = agent.status()?.spool.sequence;
  first.signal("SIGTERM");
  const end = await first.ended;
  const half = readSpooled(agent.spoolDirectory);
  appendFileSync(agent.logFile, log.subarray(middle));
  const second = agent.start();
  await agent.until("the end of the log", ({ ledger }) => ledger.read.bytes === log.length);
  second.signal("SIGINT");
  await second.ended;

  assert.deepEqual(
    { early, code: end.code, batches: half.batches },
    { early: 0, code: 0, batches: 1 },
  );
  const all = readSpooled(agent.spoolDirectory);
  const { ledger } = all.note ?? assert.fail("The newest batch carries a note");
  assert.equal(all.doubled, 0);
  assert.equal(all.lines + ledger.inFlight.lines, log.toString("latin1").split("\n").length - 1);
  assertBalanced(ledger);
  assert.equal(verifySpool(agent.spoolDirectory).broken, undefined);
});

test("The agent takes a new log level at SIGHUP, tells of mistakes, and goes on in both cases", async () => {
  await using agent = await TestAgent.create();
  agent.configure({ log: ["level = warn"] });
  writeFileSync(agent.logFile, log);
  const run = agent.start();
  await agent.until("a batch", ({ spool }) => spool.sequence > 0);

  agent.configure({ log: ["level = info"] });
  run.signal("SIGHUP");
  await agent.untilLogged("settings read again");
  agent.configure({ log: ["level = loud"] });
  run.signal("SIGHUP");
  await agent.untilLogged("settings have mistakes and stay as they were");
  agent.configure({ spool: ["size = 2GiB"], log: ["level = info"] });
  run.signal("SIGHUP");
  await agent.untilLogged("settings read again; some wait for the next start");
  appendFileSync(agent.logFile, log);
  await agent.until("the end of the log", ({ ledger }) => ledger.read.bytes === 2 * log.length);
  run.signal("SIGTERM");

  assert.equal((await run.ended).code, 0);
  assert.deepEqual(
    messagesOf(agent).filter((message) => message === "started"),
    [],
  );
});

test("An agent that cannot open its spool tells so in its status, and begins once it can", async () => {
  await using agent = await TestAgent.create();
  writeFileSync(agent.logFile, log);
  rmSync(agent.spoolDirectory, { recursive: true });
  writeFileSync(agent.spoolDirectory, "");

  const run = agent.start();
  await agent.until("the spool to be refused", ({ health }) => health.includes("spool_unopened"));
  const shown = showStatus(agent);
  const json = JSON.parse(showStatus(agent, "--json").stdout) as WaitingStatus;
  rmSync(agent.spoolDirectory);
  await agent.until("the end of the log", ({ ledger }) => ledger?.read.bytes === log.length);
  run.signal("SIGTERM");

  const message = `Cannot open spool ${agent.spoolDirectory}: current value of the error is "ENOTDIR"`;
  assert.equal(shown.status, 1);
  assert.deepEqual(
    shown.stdout
      .split("\n")
      .flatMap((row) => /^(?:state|problem|remedy|spool) +(.*)$/.exec(row)?.[1] ?? []),
    [
      "spool_unopened",
      message,
      "Put a directory of the agent's account in its place, no symbolic link.",
      `${agent.spoolDirectory}, unopened`,
    ],
  );
  assert.deepEqual(
    {
      code: json.problem.code,
      message: json.problem.message,
      spool: json.spool.state,
      pid: json.pid,
    },
    { code: "spool.unusable", message, spool: "unopened", pid: run.pid },
  );
  assert.equal((await run.ended).code, 0);
  assert.equal(agent.status()?.problem, undefined);
});

test("An agent that finds a note it cannot use starts all the same, counts it and reads all there is", async () => {
  await using agent = await TestAgent.create();
  writeFileSync(agent.logFile, log);
  rmSync(agent.spoolDirectory, { recursive: true });
  const spool = Spool.open({
    directory: agent.spoolDirectory,
    maxBytes: 1_048_576,
    segmentBytes: 65_536,
    freeFloorBytes: 0,
    compressionLevel: 1,
  });
  const note = Buffer.from('{"version":999,"position":"elsewhere"}\n');
  spool.append({ documents: Buffer.alloc(0), count: 0, note });
  spool.close();
  agent.give(agent.spoolDirectory);

  const run = agent.start();
  const { ledger } = await agent.until("the end of the log", (status) => {
    return status.ledger.read.bytes === statSync(agent.logFile).size;
  });
  run.signal("SIGTERM");
  await run.ended;

  assert.deepEqual(ledger.losses.corrupt_segment, {
    count: 1,
    events: 0,
    bytes: note.length,
    first: "1",
    last: "1",
  });
  assert.ok(readSpooled(agent.spoolDirectory).documents > 300);
});
