import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type AgentRun, TestAgent } from "#test/support/agent.ts";

/** What hangs the main thread at SIGUSR2: in itself, or in a call that never returns. */
const hangs = {
  "an endless loop": "for (;;);",
  "a call that does not return": "require('node:fs').readFileSync(__dirname + '/fifo');",
  "promises without end": "(async () => { for (;;) await undefined; })();",
};

/** Starts an agent with the shortest limit, that hangs when it is told to. */
async function startHanging(agent: TestAgent, hang: string): Promise<AgentRun> {
  const preload = join(agent.folder, "hang.cjs");
  writeFileSync(preload, `process.on("SIGUSR2", () => { ${hang} });\n`);
  execFileSync("mkfifo", ["--mode=0666", join(agent.folder, "fifo")]);
  writeFileSync(agent.logFile, "");
  agent.configure({ agent: ["hang_limit = 5s"] });
  const run = agent.start({ nodeOptions: [`--require=${preload}`] });
  await agent.until("the first status", ({ pid }) => pid === run.pid);
  return run;
}

describe("The watchdog", { concurrency: true }, () => {
  for (const [name, hang] of Object.entries(hangs)) {
    test(`ends an agent that hangs in ${name}, and says so`, async () => {
      await using agent = await TestAgent.create();
      const run = await startHanging(agent, hang);

      run.signal("SIGUSR2");
      const { signal, stderr } = await run.ended;

      assert.equal(signal, "SIGABRT");
      assert.match(stderr, /^linuxguard-agent: The main thread hung for 5 s, so it ends$/m);
    });
  }

  test("leaves an agent alone that was stopped for longer, and one that waits", async () => {
    await using agent = await TestAgent.create();
    const run = await startHanging(agent, "");

    run.signal("SIGSTOP");
    await sleep(7_000);
    run.signal("SIGCONT");
    await sleep(7_000);
    run.signal("SIGTERM");

    assert.equal((await run.ended).code, 0);
  });
});
