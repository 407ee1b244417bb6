import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { AuditLog, type AuditLogSettings } from "#sources/audit-log.ts";
import { listChain } from "#sources/chain.ts";
import { type Auditd, type AuditdOptions, startAuditd } from "#test/support/auditd.ts";
import { startWorkload } from "#test/support/workload.ts";
import { asNobody } from "./as-nobody.ts";
import { joinReadings, type Reading, readAll } from "./reading.ts";

const { signal } = new AbortController();
/** The group that an unprivileged reader is in. */
const group = "nogroup";

async function startBusyAuditd(
  options: AuditdOptions,
): Promise<Auditd & { readonly work: string }> {
  const auditd = await startAuditd(options);
  try {
    const work = `${auditd.folder}/work`;
    mkdirSync(work);
    await auditd.rules(ownRules(work));
    return Object.assign(auditd, { work });
  } catch (error) {
    await auditd.stop();
    throw error;
  }
}

/** Rules that see what this test does, and nothing of the tests beside it: they would fill the log. */
function ownRules(work: string): readonly string[] {
  const exe = realpathSync("/bin/true");
  return [
    `-a always,exit -F arch=b64 -S execve -F exe=${exe} -k lg_exec`,
    `-a always,exit -F arch=b64 -F dir=${work} -F perm=wa -k lg_files`,
  ];
}

/** All that is in auditd's files now, oldest first. */
function filesOf({ logFile }: Auditd): string {
  return listChain(logFile)
    .map(({ path }) => readFileSync(path, "latin1"))
    .join("");
}

function readOnce(settings: AuditLogSettings): Reading {
  const source = AuditLog.open(settings);
  const reading = readAll(source);
  source.close();
  return reading;
}

const gapsOf = ({ told }: Reading) => told.filter((item) => /^(?:gap|lost|regained)/.test(item));

test("AuditLog gives each line of a busy auditd once while it rotates ten times (R03)", async () => {
  const auditd = await startBusyAuditd({ numLogs: 20, maxLogFileMb: 1 });
  try {
    const source = AuditLog.open({ path: auditd.logFile, from: "oldest" });
    const workload = startWorkload(auditd.work, ["files"]);
    const readings: Reading[] = [];
    let isOver = false;
    const reading = (async () => {
      while (!isOver) {
        readings.push(readAll(source));
        await source.wait(250, signal);
      }
    })();
    for (let times = 0; times < 10; times++) {
      await sleep(300);
      await auditd.rotate();
    }
    await workload.stop();
    await auditd.deleteRules();
    await auditd.settle();
    isOver = true;
    await reading;
    readings.push(readAll(source));
    source.close();

    const all = joinReadings(readings);
    assert.ok(all.text.length > 100_000);
    assert.equal(
      all.told.filter((item) => item === "|").length,
      listChain(auditd.logFile).length - 1,
    );
    assert.deepEqual(gapsOf(all), []);
    assert.ok(all.text === filesOf(auditd), "The lines read are not those of the files");
  } finally {
    await auditd.stop();
  }
});

for (const times of [1, 3, 6]) {
  test(`AuditLog goes on after ${times} rotations of auditd's five files while it was stopped (R02)`, async () => {
    const auditd = await startBusyAuditd({ numLogs: 5 });
    try {
      const path = auditd.logFile;
      execFileSync("/bin/true", ["before"]);
      await auditd.settle();
      const before = readOnce({ path, from: "oldest" });
      assert.ok(before.position);
      for (let time = 1; time <= times; time++) {
        execFileSync("/bin/true", [`stopped-${time}`]);
        await auditd.settle();
        await auditd.rotate();
      }
      execFileSync("/bin/true", ["after"]);
      await auditd.settle();
      await auditd.deleteRules();

      const after = readOnce({ path, from: "oldest", position: before.position });

      const isLost = times > 4;
      const files = filesOf(auditd);
      assert.deepEqual(gapsOf(after), isLost ? ["gap rotated_out ?"] : []);
      assert.ok((isLost ? "" : before.text) + after.text === files, "Lines are lost or doubled");
      assert.match(after.text, /a1="after"/);
    } finally {
      await auditd.stop();
    }
  });
}

test("AuditLog tells that auditd closed the log, and goes on when it is open again (R28, R29)", async () => {
  const auditd = await startBusyAuditd({ numLogs: 5, logGroup: group });
  try {
    chmodSync(auditd.folder, 0o755);
    const source = AuditLog.open({ path: auditd.logFile, from: "oldest" });
    const readings: Reading[] = [];
    const read = () => readings.push(asNobody(() => readAll(source)));
    const readLong = async () => {
      for (let looks = 0; looks < 16; looks++) {
        read();
        await sleep(50);
      }
    };
    await auditd.settle();
    read();
    await auditd.reconfigure((text) => text.replace(/^log_group = .*$/m, "log_group = root"));
    await auditd.rotate();
    execFileSync("/bin/true", ["closed"]);
    await auditd.settle();
    await readLong();
    await auditd.rotate();
    const { sizeBytes = 0 } = listChain(auditd.logFile).at(-2) ?? {};
    await auditd.reconfigure((text) => text.replace(/^log_group = .*$/m, `log_group = ${group}`));
    execFileSync("/bin/true", ["open-again"]);
    await auditd.settle();
    await readLong();
    source.close();

    const all = joinReadings(readings);
    assert.deepEqual(gapsOf(all), [
      "lost EACCES",
      `gap access_lost ${sizeBytes}`,
      "regained EACCES",
    ]);
    assert.match(all.text, /a1="open-again"/);
    assert.doesNotMatch(all.text, /a1="closed"/);
    const [oldest, , current] = listChain(auditd.logFile).map(({ path }) =>
      readFileSync(path, "latin1"),
    );
    assert.ok(all.text === `${oldest}${current}`, "Lines are lost or doubled");
  } finally {
    await auditd.stop();
  }
});

test("AuditLog tells nothing while auditd rotates files of the reader's group (R28)", async () => {
  const auditd = await startBusyAuditd({ numLogs: 5, logGroup: group });
  try {
    chmodSync(auditd.folder, 0o755);
    const source = AuditLog.open({ path: auditd.logFile, from: "oldest" });
    const readings: Reading[] = [];
    for (let times = 0; times < 4; times++) {
      await auditd.settle();
      const rotated = auditd.rotate();
      readings.push(asNobody(() => readAll(source)));
      await rotated;
      readings.push(asNobody(() => readAll(source)));
    }
    await auditd.settle();
    readings.push(asNobody(() => readAll(source)));
    source.close();

    const all = joinReadings(readings);
    assert.deepEqual(gapsOf(all), []);
    assert.ok(all.text === filesOf(auditd), "Lines are lost or doubled");
  } finally {
    await auditd.stop();
  }
});
