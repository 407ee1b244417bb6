import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { type Auditd, startAuditd } from "#test/support/auditd.ts";
import { diagnose } from "#verify/doctor.ts";
import type { DoctorFacts } from "#verify/doctor-facts.ts";
import { gatherForDoctor } from "#verify/doctor-gather.ts";
import { createHost } from "#verify/host.ts";
import { soundDoctor } from "./doctor-sound.ts";

const rule = "-a always,exit -F arch=b64 -S personality -F a0=0x7fffffff -k lg_test";

function look(daemonConfig: string): Promise<DoctorFacts> {
  return gatherForDoctor(createHost(), {
    agent: soundDoctor.agent,
    nowMs: Date.now(),
    daemonConfig,
  });
}

/** States of some findings on this host, whose auditd is another than the one that it was booted with. */
async function judge(
  auditd: Auditd,
  ...ids: readonly string[]
): Promise<Readonly<Record<string, string>>> {
  const findings = diagnose(await look(auditd.configFile));
  const chosen = findings.filter(({ id }) => ids.includes(id));
  return Object.fromEntries(chosen.map(({ id, state }) => [id, state]));
}

test("gatherForDoctor() sees what a real auditd and its kernel do", async () => {
  await using auditd = await startAuditd();
  await auditd.rules([rule]);
  await auditd.settle();

  const { daemon, kernel, log } = await look(auditd.configFile);

  assert.deepEqual(daemon.pid, { value: auditd.pid() });
  assert.equal("value" in kernel.status && kernel.status.value?.enabled, 1);
  assert.equal("value" in kernel.status && kernel.status.value?.pid, auditd.pid());
  assert.match("value" in kernel.rules ? kernel.rules.value.join() : "", /lg_test/);
  assert.equal(log.path, auditd.logFile);
  assert.match("value" in log.tail ? log.tail.value : "", /linuxguard-settled/);
  assert.equal("value" in log.current && log.current.value?.entry.path, auditd.logFile);
});

test("The doctor finds a real auditd well, and then what goes wrong with it", async () => {
  await using auditd = await startAuditd();
  await auditd.rules([rule]);
  await auditd.settle();
  const well = await judge(
    auditd,
    "kernel.audit",
    "kernel.task-never",
    "auditd.running",
    "log.growing",
  );

  await auditd.rules(["-a task,never"]);
  const silenced = await judge(auditd, "kernel.task-never");
  await auditd.auditctl("-d", "task,never");
  const again = await judge(auditd, "kernel.task-never");
  await auditd.deleteRules();
  const bare = await judge(auditd, "kernel.rules");
  await auditd.auditctl("-e", "0");
  const off = await judge(auditd, "kernel.audit");

  assert.deepEqual(well, {
    "kernel.audit": "fine",
    "kernel.task-never": "fine",
    "auditd.running": "fine",
    "log.growing": "fine",
  });
  assert.deepEqual(silenced, { "kernel.task-never": "fault" });
  assert.deepEqual(again, { "kernel.task-never": "fine" });
  assert.deepEqual(bare, { "kernel.rules": "fault" });
  assert.deepEqual(off, { "kernel.audit": "fault" });
});

test("The doctor says of an auditd that ended what is at the end of its log", async () => {
  await using auditd = await startAuditd();
  await auditd.rules([rule]);
  await auditd.settle();
  const pid = auditd.pid();

  process.kill(pid, "SIGTERM");
  await waitForEnd(pid);
  const states = await judge(auditd, "auditd.running", "log.growing");

  assert.deepEqual(states, { "auditd.running": "fault", "log.growing": "fault" });
});

async function waitForEnd(pid: number): Promise<void> {
  const line = `/proc/${pid}/cmdline`;
  const isThere = () => existsSync(line) && readFileSync(line, "latin1") !== "";
  for (let tries = 0; isThere() && tries < 500; tries++) await sleep(20);
}

/** An account that no host has, in a group that each has. */
const reader = { uid: 61_990, gid: 61_990, group: "adm", groupGid: 4 };

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doctor-"));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "audit"));
  writeFileSync(join(folder, "audit/audit.log"), "type=SYSCALL msg=audit(1.000:1): \n");
  writeFileSync(join(folder, "auditd.conf"), `log_file = ${folder}/audit/audit.log\n`);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Where the log is, and who may get at it, as arguments of a shell's commands in its folder. */
const ways: Readonly<Record<string, string>> = {
  "everybody may": "chmod 755 audit; chmod 644 audit/audit.log",
  "only root may": "chmod 700 audit; chmod 600 audit/audit.log",
  "the group may": "chgrp adm audit audit/audit.log; chmod 750 audit; chmod 640 audit/audit.log",
  "another group may": "chgrp 33 audit audit/audit.log; chmod 750 audit; chmod 640 audit/audit.log",
  "the group may not enter":
    "chgrp adm audit audit/audit.log; chmod 700 audit; chmod 640 audit/audit.log",
  "the group may not read":
    "chgrp adm audit audit/audit.log; chmod 750 audit; chmod 600 audit/audit.log",
  "a list lets the group":
    "chmod 750 audit; chmod 640 audit/audit.log; setfacl -m g:adm:rx audit; setfacl -m g:adm:r audit/audit.log",
  "a list lets the group, its mask does not":
    "chmod 755 audit; setfacl -m g:adm:r audit/audit.log; chmod 600 audit/audit.log",
  "a list lets another group":
    "chmod 755 audit; chmod 640 audit/audit.log; setfacl -m g:33:r audit/audit.log",
  "a folder above is shut": "chmod 755 audit; chmod 644 audit/audit.log; chmod 700 .",
};

for (const [title, script] of Object.entries(ways)) {
  test(`The doctor knows as the kernel does whether the log can be read: ${title}`, async () => {
    const { status } = spawnSync("sh", ["-euc", script], { cwd: folder, stdio: "inherit" });
    assert.equal(status, 0);
    const ids = ["--reuid", `${reader.uid}`, "--regid", `${reader.gid}`];
    const line = ["setpriv", ...ids, "--groups", `${reader.groupGid}`, "--"];
    const log = `${folder}/audit/audit.log`;
    const isReadable = spawnSync("setpriv", [...line.slice(1), "test", "-r", log]).status === 0;

    const facts = await look(join(folder, "auditd.conf"));
    const { uid, gid, group, groupGid } = reader;
    const account = { name: "linuxguard", uid, gid, home: "/", shell: "/bin/false" };
    const found = diagnose({
      ...facts,
      agent: { ...facts.agent, running: "stopped" },
      accounts: {
        own: { value: account },
        groups: { value: [{ name: group, gid: groupGid, members: [account.name] }] },
      },
    });

    const state = found.find(({ id }) => id === "access.log")?.state;
    assert.equal(state, isReadable ? "fine" : "fault");
  });
}
