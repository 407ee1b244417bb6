import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { createLookup } from "#ship/lookup.ts";
import { publicKeyPin } from "#ship/public-key-pin.ts";
import { type Outcome, Transport, type TransportSettings } from "#ship/transport.ts";
import { startConnectProxy } from "#test/support/connect-proxy.ts";
import { type Console, type ConsoleSettings, startConsole } from "#test/support/console/console.ts";
import { enrol } from "#test/support/console/raw-client.ts";
import { startSilentServer } from "#test/support/console/silent-server.ts";

let folder = "";
let console: Console;
let settings: TransportSettings;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "transport-"));
  await start({});
});
afterEach(async () => {
  await console.stop();
  rmSync(folder, { recursive: true });
});

async function start(more: Partial<ConsoleSettings>): Promise<void> {
  console = await startConsole({ folder: join(folder, "console"), ...more });
  settings = {
    url: console.url,
    authorityPem: console.ca,
    minVersion: "TLSv1.3",
    pins: [],
    deadlineMs: 1_500,
  };
}

/** Asks once; "status" or the reason of the failure. */
async function ask(more: Partial<TransportSettings> = {}): Promise<string> {
  const transport = new Transport({ ...settings, ...more });
  try {
    return said(await transport.post({ path: "heartbeat", body: "{}" }));
  } finally {
    transport.close();
  }
}

function said(outcome: Outcome): string {
  return outcome.kind === "answered" ? String(outcome.status) : outcome.reason;
}

test("Transport shows the agent's certificate, and none where it has none", async () => {
  const agent = await enrol(console, console.issueToken());
  const own = { certificatePem: agent.cert, keyPem: agent.key };

  assert.deepEqual([await ask(), await ask(own)], ["401", "400"]);
});

test("Transport believes only a console of its authority, by its name, and by its pin if there is one", async () => {
  const pin = publicKeyPin(new X509Certificate(console.ca));
  const other = await startConsole({ folder: join(folder, "other"), names: ["other.example"] });
  const elsewhere = { url: other.url, authorityPem: other.ca };

  const answers = [
    await ask({ pins: [pin] }),
    await ask({ pins: ["0".repeat(64)] }),
    await ask({ authorityPem: other.ca }),
    await ask({ authorityPem: undefined }),
    await ask(elsewhere),
  ];
  await other.stop();

  assert.deepEqual(answers, ["401", "pin", "untrusted", "untrusted", "untrusted"]);
});

test("Transport does not let the environment switch verification off or name a proxy", async (context) => {
  const proxy = await startConnectProxy();
  const wanted = {
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
    HTTPS_PROXY: proxy.url,
    https_proxy: proxy.url,
    ALL_PROXY: proxy.url,
  };
  const before = { ...process.env };
  Object.assign(process.env, wanted);
  context.after(() => {
    for (const name of Object.keys(wanted)) {
      if (before[name] === undefined) delete process.env[name];
    }
  });

  const answers = [await ask(), await ask({ authorityPem: undefined })];
  await proxy.stop();

  assert.deepEqual(answers, ["401", "untrusted"]);
  assert.deepEqual(proxy.targets, []);
});

test("Transport speaks TLS with the console through a proxy, which learns no more than its name", async () => {
  const proxy = await startConnectProxy();
  const agent = await enrol(console, console.issueToken());
  const own = { certificatePem: agent.cert, keyPem: agent.key, proxy: proxy.url };

  const answers = [
    await ask(own),
    await ask({ ...own, pins: ["0".repeat(64)] }),
    await ask({ ...own, authorityPem: undefined }),
  ];
  const seen = proxy.seen();
  await proxy.stop();

  assert.deepEqual(answers, ["400", "pin", "untrusted"]);
  assert.deepEqual(new Set(proxy.targets), new Set([`localhost:${console.port}`]));
  assert.ok(seen.length > 1_000 && !seen.includes("linuxguard-agent"));
});

test("Transport speaks TLS 1.3, and 1.2 only where that is allowed", async () => {
  await console.stop();
  await start({ tlsVersion: "TLSv1.2" });

  assert.equal(await ask(), "tls_version");
  assert.equal(await ask({ minVersion: "TLSv1.2" }), "401");
});

test("Transport names a certificate that is over, or not good yet", async () => {
  await console.stop();
  await start({ serverLifeMs: -3_600_000 });
  const over = await ask();
  await console.stop();
  await start({ now: () => Date.now() + 10 * 86_400_000 });
  const early = await ask();

  assert.deepEqual([over, early], ["certificate_expired", "clock_skew"]);
});

test("Transport bounds an answer in time and in size (R23)", async () => {
  const answers: string[] = [];
  for (const fault of [
    { kind: "drip", intervalMs: 100 },
    { kind: "silence" },
    { kind: "endless" },
    { kind: "cut" },
    {
      kind: "answer",
      status: 200,
      headers: { "x-long": "x".repeat(15_000), "y-long": "y".repeat(9_000) },
    },
  ] as const) {
    console.faults.queue(fault);
    answers.push(await ask());
  }
  console.faults.queue({ kind: "bomb", sizeBytes: 50_000_000 });

  assert.deepEqual(answers, [
    "timeout",
    "timeout",
    "answer_too_large",
    "cut_off",
    "answer_too_large",
  ]);
  assert.equal(await ask(), "200");
});

test("Transport follows no redirect and keeps no cookie", async () => {
  const headers = { location: "http://127.0.0.1:1/", "set-cookie": "a=b" };
  console.faults.queue({ kind: "answer", status: 307, headers });
  const cookies: unknown[] = [];
  console.faults.script = (request) => {
    cookies.push(request.headers.cookie);
    return undefined;
  };
  const transport = new Transport(settings);

  const moved = said(await transport.post({ path: "heartbeat", body: "{}" }));
  await transport.post({ path: "heartbeat", body: "{}" });
  transport.close();

  assert.equal(moved, "307");
  assert.deepEqual(cookies, [undefined]);
});

test("Transport gives up a server that takes the connection and says nothing (R24)", async () => {
  const silent = await startSilentServer();

  const answer = await ask({ url: `https://localhost:${silent.port}/v1/` });
  await silent.stop();

  assert.equal(answer, "timeout");
});

test("Transport keeps its connection, and uses none again that failed (R24)", async () => {
  const transport = new Transport(settings);
  const answers: string[] = [];
  const note = async () => {
    const outcome = await transport.post({ path: "heartbeat", body: "{}" });
    answers.push(said(outcome));
  };

  await note();
  await note();
  console.faults.queue({ kind: "silence" });
  await note();
  await note();
  const { url, port } = console;
  await console.stop();
  await note();
  console = await startConsole({ folder: join(folder, "console"), port });
  await note();
  transport.close();

  assert.equal(console.url, url);
  assert.match(answers.join(" "), /^401 401 timeout 401 (?:cut_off|refused) 401$/);
});

test("Transport asks the name service one question at a time, and gives it up in time (R25)", async () => {
  let asked = 0;
  let answer: "hang" | "none" | "found" = "hang";
  const hung = Promise.withResolvers<never>();
  const lookup = createLookup(async () => {
    asked++;
    if (answer === "hang") return await hung.promise;
    if (answer === "none") throw Object.assign(new Error("unknown"), { code: "ENOTFOUND" });
    return [{ address: "127.0.0.1", family: 4 }];
  }, 200);

  const hanging = [await ask({ lookup }), await ask({ lookup })];
  const askedWhileHanging = asked;
  hung.reject(Object.assign(new Error("gone"), { code: "EAI_AGAIN" }));
  await new Promise(setImmediate);
  answer = "none";
  const unknown = await ask({ lookup });
  answer = "found";
  const found = await ask({ lookup });

  assert.deepEqual([hanging, askedWhileHanging], [["dns", "dns"], 1]);
  assert.deepEqual([unknown, found], ["dns", "401"]);
});

test("Transport fails, and does not throw, with an identity that is none", async () => {
  const broken = { certificatePem: "no certificate", keyPem: "no key" };

  const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

  assert.equal(await ask(broken), "identity_unusable");
  assert.equal(await ask({ certificatePem: pem, keyPem: "" }), "identity_unusable");
  assert.equal(await ask({ authorityPem: pem }), "untrusted");
});
