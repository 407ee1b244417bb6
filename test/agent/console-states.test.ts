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
  /** What happens to the console then; gives the one that is there afterwards, if it is another. */
  readonly befall: (console: Console, agentId: string) => Promise<Console | undefined>;
  readonly says: RegExp;
}

const dayMs = 86_400_000;
/** Of the shortest certificate: longer than the first events take. */
const shortLifeMs = 4_000;
const nothing = async () => await Promise.resolve(undefined);

const cases: readonly Case[] = [
  { state: "connected", isLetIn: true, befall: nothing, says: /^console +connected, https/m },
  {
    state: "unenrolled",
    isLetIn: false,
    befall: nothing,
    says: /^console +unenrolled: [1-9]\d* events stay on this host$/m,
  },
  {
    state: "cut_off",
    isLetIn: true,
    befall: async (console) => {
      await console.stop();
      return undefined;
    },
    says: /^console +cut_off \((?:refused|cut_off)\)/m,
  },
  {
    state: "revoked",
    isLetIn: true,
    befall: async (console, agentId) => {
      console.revoke(agentId);
      return await nothing();
    },
    says: /^console +revoked \(agent\.revoked\)/m,
  },
  {
    state: "expired",
    isLetIn: true,
    // It cannot be renewed, and so comes to its end.
    befall: async (console) => {
      console.faults.script = ({ operation }) => {
        return operation === "renew" ? { kind: "answer", status: 503 } : undefined;
      };
      return await nothing();
    },
    says: /^console +expired \(certificate\.expired\)/m,
  },
  {
    state: "clock_skew",
    isLetIn: true,
    befall: async (console) => {
      const { folder, port } = console;
      await console.stop();
      return await startConsole({ folder, port, now: () => Date.now() + 100 * dayMs });
    },
    says: /^console +clock_skew \(clock_skew\)/m,
  },
];

for (const { state, isLetIn, befall, says } of cases) {
  test(`linuxguard status says of a host whose console state is ${state} what it is`, async (t) => {
    await using agent = await TestAgent.create();
    agent.configure({ console: ["heartbeat_interval = 1s", "retry_spread = 1s"] });
    let console = await startConsole({
      folder: join(agent.folder, "console"),
      ...(state === "expired" && { certificateLifeMs: shortLifeMs }),
    });
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

    console = (await befall(console, first.agentId ?? "")) ?? console;
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
