import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SpoolReader } from "#spool/reader.ts";
import { TestAgent } from "#test/support/agent.ts";
import { runLog } from "#test/support/engine.ts";
import { assertBalanced } from "#test/support/ledger.ts";
import { countTemplates, type Planted, plantSecrets } from "./planted.ts";
import { plantedLog } from "./planted-log.ts";
import { Tracer, textsIn } from "./trace.ts";

const planted = plantSecrets();
const tracer = new Tracer(planted);
const log = plantedLog(planted);

test("Without redaction, a trace of every planted secret is found", () => {
  const found = tracer.find(runLog(log, { quarantineLines: 100_000 }).toString("latin1"));

  assert.deepEqual(
    planted.filter((each) => !found.has(each)).map(({ template }) => template),
    [],
  );
});

test("No trace of a planted secret is in anything that an agent writes, whenever it is killed", async (t) => {
  await using agent = await TestAgent.create();
  agent.configure({ quarantine: ["lines_per_minute = 100000"] });
  const [running] = planted;
  const sleeper = spawn("sleep", ["600"], { argv0: `app --password=${running?.secret}` });
  const file = openSync(agent.logFile, "w");
  let run = agent.start();
  // Pieces end within lines and within events.
  const pieceBytes = Math.ceil(log.length / 12) + 7;
  for (let from = 0; from < log.length; from += pieceBytes) {
    writeSync(file, log, from, Math.min(pieceBytes, log.length - from));
    const readBytes = statSync(agent.logFile).size;
    await agent.until(
      "all is read",
      ({ ledger, pid }) => pid === run.pid && ledger.read.bytes === readBytes,
    );
    run.signal(from % 2 === 0 ? "SIGKILL" : "SIGTERM");
    await run.ended;
    run = agent.start();
  }
  const { ledger } = await agent.until("the end", (status) => {
    return (
      status.pid === run.pid &&
      status.ledger.read.bytes === log.length &&
      status.ledger.inFlight.lines === 0
    );
  });
  run.signal("SIGTERM");
  await run.ended;
  sleeper.kill();
  closeSync(file);

  const found = new Set<Planted>();
  let scannedBytes = 0;
  const scan = (text: string) => {
    scannedBytes += text.length;
    for (const each of tracer.find(text)) found.add(each);
  };
  for (const path of filesOf(agent)) scan(readFileSync(path, "latin1"));
  let documents = 0;
  let redacted = 0;
  for (const batch of SpoolReader.open({ directory: agent.spoolDirectory }).batches()) {
    const text = Buffer.from(batch.documents());
    scan(text.toString("latin1"));
    scan(Buffer.from(batch.note()).toString("latin1"));
    for (const line of text.toString().split("\n").slice(0, -1)) {
      documents++;
      if (line.includes("<redacted:")) redacted++;
      for (const each of textsIn(JSON.parse(line))) scan(each);
    }
  }

  t.diagnostic(
    `${planted.length} secrets in ${countTemplates()} templates, ${documents} documents (${redacted} redacted), ${scannedBytes} bytes looked through, ${found.size} leaks`,
  );
  assert.deepEqual(
    [...found].map(({ template, secret }) => `${template}: ${secret}`),
    [],
  );
  assert.ok(redacted > planted.length * 3);
  assertBalanced(ledger);
});

/** What the agent wrote: all below its folder but the log it read and what it is made of. */
function filesOf({ folder }: TestAgent): readonly string[] {
  return ["state", "run", "log"].flatMap((name) =>
    readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}
