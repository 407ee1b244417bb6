import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { TestAgent } from "#test/support/agent.ts";
import { startAuditd } from "#test/support/auditd.ts";
import { startConsole } from "#test/support/console/console.ts";

const logGroup = "adm";

for (const [refusal, mode] of [
  ["its account's rights refuse", 0o755],
  ["a read-only mount refuses", 0o777],
] as const) {
  test(`The agent sees its own act come back through a real auditd where ${refusal} it`, async (context) => {
    await using auditd = await startAuditd({ logGroup });
    await using agent = await TestAgent.create(auditd.logFile);
    const directory = join(auditd.folder, "watched");
    await mkdir(directory);
    await chmod(directory, mode);
    using _mount = mode === 0o777 ? mountReadOnly(directory) : undefined;
    await auditd.rules([
      `-a always,exit -F arch=b64 -F path=${directory} -F perm=wa -F key=lg_agent`,
    ]);
    agent.configure({
      canary: [`directory = ${directory}`, "interval = 1s"],
      console: ["heartbeat_interval = 1s"],
    });
    const console = await startConsole({ folder: join(auditd.folder, "console") });
    agent.layToken(console.issueToken());

    const run = agent.start({ group: logGroup });
    await agent.until("three acts", ({ canary }) => canary.seen >= 3);
    const { canary, console: link } = await agent.until("a status", ({ canary, console: told }) => {
      return canary.state === "alive" && told.state === "connected";
    });
    const store = console.store.of(link.agentId ?? "");
    await agent.until("the console told", () => store.heartbeat?.canary.state === "alive");
    run.signal("SIGTERM");
    await run.ended;
    await console.stop();

    context.diagnostic(
      `${canary.seen} of ${canary.sent} acts, the last after ${canary.delayMs} ms`,
    );
    assert.equal(canary.missed, 0);
    assert.ok(canary.sent - canary.seen <= 1);
    assert.deepEqual(store.heartbeat?.coverage, { base: "live" });
  });
}

/** Has a directory seen through a mount that is read-only, as the service's sandbox has all of /usr. */
function mountReadOnly(directory: string): Disposable {
  execFileSync("mount", ["--bind", directory, directory]);
  execFileSync("mount", ["-o", "remount,bind,ro", directory]);
  return { [Symbol.dispose]: () => void execFileSync("umount", [directory]) };
}
