import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestAgent } from "#test/support/agent.ts";
import { type Auditd, startAuditd } from "#test/support/auditd.ts";
import { assertBalanced } from "#test/support/ledger.ts";
import { readSpooled } from "#test/support/spooled.ts";
import { startWorkload, workloadRules } from "#test/support/workload.ts";

const logGroup = "adm";

test("The agent delivers every event of a real auditd exactly once, over its rotations and a stop", async (context) => {
  await using auditd = await startAuditd({ logGroup, numLogs: 99 });
  await using agent = await TestAgent.create(auditd.logFile);
  await auditd.rules(workloadRules(auditd.folder));
  const workload = startWorkload(auditd.folder, ["commands", "files", "sockets"]);
  let run = agent.start({ group: logGroup });
  for (let rotations = 0; rotations < 12; rotations++) {
    await sleep(150);
    await auditd.rotate();
    if (rotations % 4 !== 3) continue;
    run.signal(rotations === 7 ? "SIGTERM" : "SIGKILL");
    await run.ended;
    await auditd.rotate();
    run = agent.start({ group: logGroup });
  }
  await workload.stop();
  await auditd.deleteRules();
  await auditd.settle();
  const bytes = sizeOf(auditd);
  await agent.until("the end of the log", ({ ledger }) => {
    return ledger.read.bytes >= bytes && ledger.inFlight.lines === 0;
  });
  run.signal("SIGTERM");
  await run.ended;

  const log = readLog(auditd);
  const stamps = new Set(
    [...log.matchAll(/^type=\S+ msg=audit\((?<stamp>[^)]*)\)/gm)].map(stampOf),
  );
  const lines = log.split("\n").length - 1;
  const spooled = readSpooled(agent.spoolDirectory);
  const { ledger } = spooled.note ?? assert.fail("The newest batch carries a note");
  context.diagnostic(`events ${stamps.size}, lines ${lines}, documents ${spooled.documents}`);
  assert.ok(stamps.size > 500, `${stamps.size} events`);
  assert.deepEqual({ lines: spooled.lines, doubled: spooled.doubled }, { lines, doubled: 0 });
  assert.deepEqual(new Set(spooled.stamps), stamps);
  assertBalanced(ledger);
  const { serial_gap: _estimate, ...losses } = ledger.losses;
  assert.deepEqual(losses, {});
});

function stampOf({ groups }: RegExpExecArray): string {
  return groups?.stamp ?? "";
}

function filesOf({ logFolder }: Auditd): readonly string[] {
  return readdirSync(logFolder).map((name) => join(logFolder, name));
}

function sizeOf(auditd: Auditd): number {
  return filesOf(auditd).reduce((sum, path) => sum + statSync(path).size, 0);
}

function readLog(auditd: Auditd): string {
  return filesOf(auditd)
    .map((path) => readFileSync(path, "latin1"))
    .join("");
}
