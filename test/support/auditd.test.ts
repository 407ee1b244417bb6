import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { auditLock, startAuditd } from "#test/support/auditd.ts";

test("startAuditd() records what the rules ask for, rotates, restarts and leaves nothing behind", async () => {
  const auditd = await startAuditd({ numLogs: 3, nodeName: "box" });
  try {
    await auditd.rules(["-a always,exit -F arch=b64 -S execve -k test_exec"]);
    execFileSync("/bin/true", ["first"]);
    await auditd.settle();
    await auditd.rotate();
    execFileSync("/bin/true", ["second"]);
    await auditd.restart();
    await auditd.settle();

    assert.deepEqual(readdirSync(auditd.logFolder).toSorted(), ["audit.log", "audit.log.1"]);
    assert.match(
      readFileSync(`${auditd.logFile}.1`, "latin1"),
      /^node=box type=EXECVE .* a1="first"$/m,
    );
    const log = readFileSync(auditd.logFile, "latin1");
    assert.match(log, /^node=box type=EXECVE .* a1="second"$/m);
    assert.match(log, /type=DAEMON_END .*\n(?:.*\n)*node=box type=DAEMON_START /);
    const status = await auditd.status();
    assert.equal(status.lost, 0);
    assert.equal(status.pid, auditd.pid());
  } finally {
    await auditd.stop();
  }

  const status = execFileSync("auditctl", ["-s"], { encoding: "utf8" });
  assert.match(status, /^enabled 0$/m);
  assert.match(status, /^pid 0$/m);
  assert.match(execFileSync("auditctl", ["-l"], { encoding: "utf8" }), /^No rules/);
  assert.ok(!existsSync(auditd.folder));
});

test("startAuditd() undoes all when its process is killed", async () => {
  const child = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `
    import { auditLock, startAuditd } from "#test/support/auditd.ts";
    const auditd = await startAuditd();
    await auditd.rules(["-a always,exit -F arch=b64 -S execve -k test_exec"]);
    console.log(auditd.folder);
    setInterval(() => {}, 1_000);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [folder] = (await once(child.stdout, "data")) as [Buffer];

  child.kill("SIGKILL");

  // Its guard holds the lock to the end of its work.
  execFileSync("flock", [auditLock, "true"]);
  assert.ok(!existsSync(folder.toString().trim()));
  assert.match(execFileSync("auditctl", ["-l"], { encoding: "utf8" }), /^No rules/);
  assert.match(execFileSync("auditctl", ["-s"], { encoding: "utf8" }), /^pid 0$/m);
});

test("startAuditd() says why auditd does not start", async () => {
  await assert.rejects(
    startAuditd({ logGroup: "no-such-group" }),
    /Cannot start auditd: .*no-such-group/s,
  );
});
