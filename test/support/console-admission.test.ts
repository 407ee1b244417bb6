import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { connect } from "node:tls";
import { createCertificateRequest } from "#ship/certificate-request.ts";
import { spoolBatches } from "#test/support/console/batches.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import {
  enrol,
  post,
  type RawAnswer,
  renderEnrolRequest,
  said,
  sendBatch,
} from "#test/support/console/raw-client.ts";

let folder = "";
let nowMs = 0;
let console: Console;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "console-"));
  nowMs = Date.now();
  console = await startConsole({ folder: join(folder, "console"), now: () => nowMs });
});
afterEach(async () => {
  await console.stop();
  rmSync(folder, { recursive: true });
});

test("A console lets nobody in without a certificate of its own that is good now", async () => {
  const agent = await enrol(console, console.issueToken());
  const stranger = await startConsole({ folder: join(folder, "stranger") });
  const strange = await enrol(stranger, stranger.issueToken());
  const [batch] = spoolBatches(join(folder, "spool"), [1]);
  assert.ok(batch);

  const without = await sendBatch({ url: console.url, ca: console.ca }, batch);
  const others = await sendBatch({ ...strange, url: console.url, ca: console.ca }, batch);
  nowMs += 91 * 86_400_000;
  const late = await sendBatch(agent, batch);
  console.revoke(agent.agentId);
  const revoked = await sendBatch(agent, batch);
  await stranger.stop();

  assert.deepEqual([without, others, late, revoked].map(said), [
    "401 certificate.unknown",
    "401 certificate.unknown",
    "401 certificate.expired",
    "403 agent.revoked",
  ]);
});

test("A token lets one host in, which may ask again with its key", async () => {
  const token = console.issueToken();
  const { requestPem } = await createCertificateRequest("host");
  const ask = async (text: string, pem: string) => {
    return await post(console, "enroll", { body: renderEnrolRequest(text, pem) });
  };

  const first = await ask(token, requestPem);
  const again = await ask(token, requestPem);
  const other = await ask(token, (await createCertificateRequest("host")).requestPem);
  const unknown = await ask(`${token}x`, requestPem);
  const late = console.issueToken(1_000);
  nowMs += 1_000;
  const tooLate = await ask(late, requestPem);

  const idOfAgent = ({ value }: RawAnswer): unknown => Reflect.get(value ?? {}, "agent_id");
  assert.equal(first.status, 200);
  assert.equal(idOfAgent(first), idOfAgent(again));
  assert.deepEqual([other, unknown, tooLate].map(said), Array(3).fill("403 token.refused"));
});

test("An agent renews its certificate over the old one and stays the same", async () => {
  console.certificateLifeMs = 3_000;
  const agent = await enrol(console, console.issueToken());
  const { keyPem, requestPem } = await createCertificateRequest("host");
  const body = JSON.stringify({ certificate_request: requestPem });

  const renewed = await post(agent, "renew", { body });
  const stranger = await post(console, "renew", { body });

  const { agent_id, certificate, renew_after } = renewed.value as Record<string, string>;
  assert.equal(agent_id, agent.agentId);
  assert.equal(renew_after, new Date(nowMs + 2_000).toISOString());
  assert.equal(said(stranger), "401 certificate.unknown");
  const [batch] = spoolBatches(join(folder, "spool"), [1]);
  assert.ok(batch && certificate);
  const sent = await sendBatch({ ...agent, key: keyPem, cert: certificate }, batch);
  assert.equal(sent.status, 200);
});

test("A console has the names, the life and the TLS version that it was given", async () => {
  const elsewhere = await startConsole({ folder: join(folder, "names"), names: ["elsewhere"] });
  const old = await startConsole({ folder: join(folder, "old"), serverLifeMs: -1_000 });
  const lower = await startConsole({ folder: join(folder, "lower"), tlsVersion: "TLSv1.2" });

  await assert.rejects(enrol(elsewhere, ""), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  await assert.rejects(enrol(old, ""), { code: "CERT_HAS_EXPIRED" });
  await assert.rejects(enrol({ url: console.url, ca: elsewhere.ca }, ""), /certificate/);
  const socket = connect({ port: lower.port, ca: lower.ca, servername: "localhost" });
  await once(socket, "secureConnect");

  assert.equal(socket.getProtocol(), "TLSv1.2");
  for (const each of [elsewhere, old, lower]) await each.stop();
});
