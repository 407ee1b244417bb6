import assert from "node:assert/strict";
import { appendFileSync, globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TestAgent } from "#test/support/agent.ts";
import { startConsole } from "#test/support/console/console.ts";
import { readSpooled } from "#test/support/spooled.ts";

const tenYears = "+3650d";

test("The agent, whose clock is set ten years on and back, delivers all once and judges certificates anew (R27)", async (context) => {
  await using agent = await TestAgent.create();
  agent.configure({ console: ["heartbeat_interval = 1s", "retry_spread = 1s"] });
  const console = await startConsole({ folder: join(agent.folder, "console") });
  context.after(async () => await console.stop());
  const clock = new Clock(join(agent.folder, "clock"));
  clock.set("+0");
  const log = new Log(agent.logFile);
  log.append();
  agent.layToken(console.issueToken());
  const run = agent.start({ environment: clock.environment });
  const before = await agent.until("the first events", ({ console: link, ledger }) => {
    return link.state === "connected" && link.lag.events === 0 && ledger.documents >= log.events;
  });

  clock.set(tenYears);
  const jumped = await agent.until(
    "the jump",
    ({ console: link }) => (link.skewSeconds ?? 0) > 3e8,
  );
  // The connection stands, as its certificates were judged before. The next one is judged anew.
  console.faults.queue({ kind: "cut" });
  log.append();
  const ahead = await agent.until("the console's certificate over", ({ console: link, ledger }) => {
    return link.state === "untrusted" && ledger.documents >= log.events && link.lag.events > 0;
  });
  clock.set("+0");
  const back = await agent.until("all delivered", ({ console: link }) => {
    return link.state === "connected" && link.lag.events === 0;
  });
  log.append();
  await agent.until("the last events", ({ console: link, ledger }) => {
    return link.lag.events === 0 && ledger.documents >= log.events;
  });
  run.signal("SIGTERM");
  const { code } = await run.ended;

  const { agentId = "" } = before.console;
  const { events, missingEvents, repeatedEvents } = console.store.of(agentId).totals;
  assert.equal(jumped.console.state, "connected");
  assert.equal(ahead.console.reason, "certificate_expired");
  assert.equal(back.console.agentId, agentId);
  assert.equal(code, 0);
  assert.deepEqual(back.ledger.losses, {});
  const spooled = readSpooled(agent.spoolDirectory);
  assert.deepEqual([events, missingEvents, repeatedEvents], [log.events, 0, 0]);
  assert.equal(spooled.documents, log.events);
  const years = new Set([...spooled.stamps].map((stamp) => stamp.slice(0, 3)));
  assert.deepEqual(years, new Set(["170"]), "times of events are the log's");
});

/** The time of day of a process, by libfaketime; what never goes back stays as it is. */
class Clock {
  readonly environment: readonly string[];
  readonly #file: string;

  constructor(file: string) {
    const [library] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");
    if (library === undefined) throw new Error("There is no libfaketime: install faketime");
    this.#file = file;
    this.environment = [
      `LD_PRELOAD=${library}`,
      `FAKETIME_TIMESTAMP_FILE=${file}`,
      "FAKETIME_CACHE_DURATION=1",
      "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ];
  }

  /** Sets it off the real time, as faketime(1) writes it. */
  set(offset: string): void {
    writeFileSync(this.#file, `${offset}\n`);
  }
}

/** A log that grows by 200 events at a time, each of one line. */
class Log {
  events = 0;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  append(): void {
    const serials = Array.from({ length: 200 }, (_, at) => this.events + at + 1);
    const lines = serials.map(
      (serial) =>
        `type=USER_CMD msg=audit(1700000000.000:${serial}): pid=1 uid=0 msg='cmd=6C73 res=success'\n`,
    );
    appendFileSync(this.#path, lines.join(""));
    this.events += serials.length;
  }
}
