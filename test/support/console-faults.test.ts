import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { gunzipSync } from "node:zlib";
import type { SealedBatch } from "#spool/segment.ts";
import { spoolBatches } from "#test/support/console/batches.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import { enrol, post, type RawClient, said, sendBatch } from "#test/support/console/raw-client.ts";
import { startSilentServer } from "#test/support/console/silent-server.ts";

let folder = "";
let console: Console;
let agent: Required<RawClient> & { readonly agentId: string };
let batch: SealedBatch;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "console-"));
  console = await startConsole({ folder: join(folder, "console") });
  agent = await enrol(console, console.issueToken());
  const [first] = spoolBatches(join(folder, "spool"), [3]);
  assert.ok(first);
  batch = first;
});
afterEach(async () => {
  await console.stop();
  rmSync(folder, { recursive: true });
});

function storedEvents(): number {
  return console.store.of(agent.agentId).totals.events;
}

test("A fault of the queue befalls one request and stores nothing", async () => {
  console.faults.queue(
    { kind: "answer", status: 503, headers: { "retry-after": "7" } },
    { kind: "answer", status: 307, headers: { location: "http://127.0.0.1:1/" }, body: "moved" },
  );

  const busy = await sendBatch(agent, batch);
  const moved = await sendBatch(agent, batch);
  const storedBefore = storedEvents();
  const taken = await sendBatch(agent, batch);

  assert.deepEqual([busy.status, busy.headers["retry-after"]], [503, "7"]);
  assert.deepEqual(
    [moved.headers.location, moved.body.toString()],
    ["http://127.0.0.1:1/", "moved"],
  );
  assert.deepEqual([storedBefore, taken.status], [0, 200]);
});

test("A connection that is cut before or after the batch was stored tells no difference", async () => {
  console.faults.queue({ kind: "cut" }, { kind: "cut", isStored: true });

  await assert.rejects(sendBatch(agent, batch), { code: "ECONNRESET" });
  const storedBefore = storedEvents();
  await assert.rejects(sendBatch(agent, batch), { code: "ECONNRESET" });
  const storedAfter = storedEvents();

  assert.deepEqual([storedBefore, storedAfter], [0, 3]);
  assert.equal(said(await sendBatch(agent, batch)), "409 batch.known");
});

test("An answer can be a drip, without end, or a bomb", async () => {
  console.faults.queue({ kind: "drip", intervalMs: 5 }, { kind: "endless" });

  const dripped = await readSome(3);
  const poured = await readSome(3_000_000);
  console.faults.queue({ kind: "bomb", sizeBytes: 50_000_000 });
  const bomb = await sendBatch(agent, batch);

  assert.ok(dripped >= 3 && poured >= 3_000_000);
  assert.ok(bomb.body.length < 100_000, `${bomb.body.length}`);
  assert.equal(gunzipSync(bomb.body).length, 50_000_000);
});

test("A console that is silent keeps the connection until it stops", async () => {
  console.faults.script = ({ operation }) => {
    return operation === "heartbeat" ? { kind: "silence" } : undefined;
  };

  const unanswered = assert.rejects(post(agent, "heartbeat", { body: "{}" }));
  const taken = await sendBatch(agent, batch);
  await console.stop();

  assert.equal(taken.status, 200);
  await unanswered;
  console = await startConsole({ folder: join(folder, "console") });
  assert.equal(storedEvents(), 3);
});

test("A limit refuses what is larger", async () => {
  console.faults.script = () => ({ kind: "limit", bytes: batch.body.length - 1 });
  const tooLarge = said(await sendBatch(agent, batch));
  console.faults.script = () => ({ kind: "limit", bytes: batch.body.length });
  const taken = said(await sendBatch(agent, batch));

  assert.deepEqual([tooLarge, taken], ["413 body.too_large", "200"]);
});

test("A silent server takes a connection and does not begin TLS", async () => {
  const silent = await startSilentServer();

  const url = `https://localhost:${silent.port}/v1/`;
  const ended = assert.rejects(post({ ...agent, url }, "heartbeat", { body: "{}" }));
  await silent.stop();

  await ended;
});

/** Reads so many bytes of the answer to one request and goes; gives how many there were. */
async function readSome(leastBytes: number): Promise<number> {
  const { url, ca, key, cert } = agent;
  const sent = request(new URL("heartbeat", url), { method: "POST", ca, key, cert, agent: false });
  sent.end();
  const [response] = (await once(sent, "response")) as [AsyncIterable<Buffer>];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    if (length >= leastBytes) break;
  }
  return length;
}
