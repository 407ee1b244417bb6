import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ConsoleState } from "#model/console.ts";
import { TestAgent } from "#test/support/agent.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import { generateLog } from "#test/support/generated-log.ts";

const log = generateLog({ seed: 4, events: 50, nodes: [""] });
const more = generateLog({ seed: 5, events: 50, nodes: [""] });

interface Case {
  readonly state: ConsoleState;
  /** Whether the console had what there was at first. */
  readonly isLetIn: boolean;
  readonly befall: (console: Console, agentId: string) => void | Promise<void>;
  readonly says: RegExp;
}

const cases: readonly Case[] = [
  { state: "connected", isLetIn: true, befall: () => undefined, says: /connected/ },
  { state: "unenrolled", isLetIn: false, befall: () => undefined, says: /enrol/ },
  {
    state: "cut_off",
    isLetIn: true,
    befall: async (console) => await console.stop(),
    says: /cut off|cannot be reached|cut_off/,
  },
  {
    state: "revoked",
    isLetIn: true,
    befall: (console, agentId) => console.revoke(agentId),
    says: /revoked/,
  },
];

for (const { state, isLetIn, befall, says } of cases) {
  test(`linuxguard status says of a host whose console state is ${state} what it is`, async (t) => {
    await using agent = await TestAgent.create();
    agent.configure({ console: ["heartbeat_interval = 1s", "retry_spread = 1s"] });
    const console = await startConsole({ folder: join(agent.folder, "console") });
    writeFileSync(agent.logFile, log);
    if (isLetIn) agent.layToken(console.issueToken());
    const run = agent.start();
    const { console: first } = await agent.until(
      "the first events",
      ({ console: link, ledger }) => {
        const isOver = link.state === "connected" && link.lag.events === 0;
        return ledger.documents > 0 && (isOver || !isLetIn);
      },
    );

    await befall(console, first.agentId ?? "");
    appendFileSync(agent.logFile, more);
    await agent.until(state, ({ console: link }) => link.state === state);
    const { stdout } = await agent.run("status");
    run.signal("SIGTERM");
    await run.ended;
    if (state !== "cut_off") await console.stop();

    for (const line of stdout.trimEnd().split("\n")) t.diagnostic(line);
    assert.match(stdout, says);
  });
}
