import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createCertificateRequest } from "#ship/certificate-request.ts";
import { TestAgent } from "#test/support/agent.ts";
import { startConsole } from "#test/support/console/console.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { readSpooled } from "#test/support/spooled.ts";

const log = generateLog({ seed: 4, events: 300, nodes: [""] });
const more = generateLog({ seed: 5, events: 300, nodes: [""] });

test("Events are carried by hand from a host that is cut off, and each is at the console once", async () => {
  await using agent = await TestAgent.create();
  const folder = join(agent.folder, "console");
  const before = await startConsole({ folder });
  writeFileSync(agent.logFile, log);
  agent.layToken(before.issueToken());
  const run = agent.start();
  const { console: told } = await agent.until(
    "half delivered online",
    ({ console: link, ledger }) => {
      return link.state === "connected" && link.lag.events === 0 && ledger.documents > 0;
    },
  );
  await before.stop();
  appendFileSync(agent.logFile, more);
  await agent.until("the rest collected", ({ console: link, ledger }) => {
    return ledger.documents >= 600 && ledger.inFlight.lines === 0 && link.state === "cut_off";
  });

  const exportFile = join(agent.folder, "state", "host.export");
  const exported = await agent.run("export", `--output=${exportFile}`);
  // Not where the agent knows it: for the agent it stays gone.
  const console = await startConsole({ folder });
  const authority = join(agent.folder, "authority.pem");
  writeFileSync(authority, console.ca);
  const receipt = join(agent.folder, "state", "host.receipt");
  const refusedId = readSpooled(agent.spoolDirectory).ids.at(-3) ?? "";
  console.faults.script = () => ({ kind: "poison", eventIds: new Set([refusedId]), status: 422 });
  const way = [`--console=${console.url}`, `--ca-file=${authority}`, `--receipt=${receipt}`];
  const imports = [
    await agent.run("import", exportFile, ...way),
    await agent.run("import", exportFile, ...way),
  ];
  const store = console.store.of(told.agentId ?? "");
  const sums = store.totals;
  const ids = [...store.eventIds];
  await console.stop();
  const taken = [await agent.run("import", receipt), await agent.run("import", receipt)];
  const still = await agent.until("nothing left to deliver", ({ console: link }) => {
    return link.lag.events === 0;
  });
  run.signal("SIGTERM");
  await run.ended;

  const spooled = readSpooled(agent.spoolDirectory);
  assert.deepEqual([exported.stderr, exported.code], ["", 0]);
  assert.match(exported.stdout, /^Exported \d+ batches with \d+ events, up to batch \d+\n$/);
  for (const { stdout, stderr, code } of [...imports, ...taken]) {
    assert.deepEqual([stderr, code], ["", 0]);
    assert.match(stdout, /^The console /);
  }
  assert.match(taken[1]?.stdout ?? "", /which was known here/);
  const accepted = spooled.ids.filter((id) => id !== refusedId);
  assert.deepEqual(ids.toSorted(), accepted.toSorted());
  assert.deepEqual([sums.missingEvents, sums.repeatedEvents, sums.breaks], [0, 0, 0]);
  assert.match(imports[0]?.stdout ?? "", /; it refused 1 events, which are in \S+\.refused\n$/);
  const aside = readFileSync(`${exportFile}.refused`, "utf8").split("\n");
  assert.deepEqual([aside.length, aside[0]?.includes(refusedId)], [2, true]);
  assert.ok(sums.repeats > 0);
  assert.notEqual(still.console.state, "connected");
});

test("A receipt that is not of this agent's console moves nothing", async () => {
  await using agent = await TestAgent.create();
  const console = await startConsole({ folder: join(agent.folder, "console") });
  writeFileSync(agent.logFile, log);
  agent.layToken(console.issueToken());
  const run = agent.start();
  await agent.until("delivered", ({ console: link, ledger }) => {
    return link.state === "connected" && link.lag.events === 0 && ledger.documents >= 300;
  });
  await console.stop();
  run.signal("SIGTERM");
  await run.ended;
  const cursor = join(agent.spoolDirectory, "cursors", "console");
  const kept = readFileSync(cursor, "utf8");
  const identity = JSON.parse(
    readFileSync(join(agent.folder, "state", "identity.json"), "utf8"),
  ) as { agentId: string; certificatePem: string };
  const forged = {
    agent_id: identity.agentId,
    sequence: 1_000,
    hash: "0".repeat(64),
    certificate: identity.certificatePem,
    signature: "AAAA",
  };
  const file = join(agent.folder, "state", "forged");

  const said = [];
  for (const each of [forged, { ...forged, agent_id: "other" }, { ...forged, certificate: "x" }]) {
    writeFileSync(file, `${JSON.stringify(each)}\n`);
    said.push(await agent.run("import", file));
  }
  copyFileSync(agent.logFile, file);
  chmodSync(file, 0o644);
  said.push(await agent.run("import", file));

  assert.deepEqual(
    said.map(({ code }) => code),
    [65, 65, 65, 65],
  );
  assert.match(said[0]?.stderr ?? "", /its certificate is not that of the console's server\n/);
  assert.match(said[1]?.stderr ?? "", /it is of another agent\n/);
  assert.equal(readFileSync(cursor, "utf8"), kept);
});

test("linuxguard export tells a host that no console knows what to do, and writes nothing", async () => {
  await using agent = await TestAgent.create();

  const { code, stderr } = await agent.run("export", `--output=${agent.folder}/state/none`);

  assert.equal(code, 77);
  assert.match(stderr, /^linuxguard: Cannot export: no console knows this host\n.*enroll/);
});

test("A key that systemd hands over signs an export, and without it the command says how to hand it over", async () => {
  await using agent = await TestAgent.create();
  const console = await startConsole({ folder: join(agent.folder, "console") });
  const credentials = join(agent.folder, "credentials");
  mkdirSync(credentials);
  const { keyPem } = await createCertificateRequest("any");
  writeFileSync(join(credentials, "client.key"), keyPem);
  const environment = [`CREDENTIALS_DIRECTORY=${credentials}`];
  writeFileSync(agent.logFile, log);
  agent.layToken(console.issueToken());
  const run = agent.start({ environment });
  await agent.until("connected", ({ console: link }) => link.state === "connected");
  await console.stop();
  run.signal("SIGTERM");
  await run.ended;
  const output = `--output=${join(agent.folder, "state", "host.export")}`;

  const without = await agent.run("export", output);
  const enrolAgain = await agent.runIn(environment, "enroll", "--token-file=/dev/null");
  const withKey = await agent.runIn(environment, "export", output);

  assert.equal(without.code, 65);
  assert.match(
    without.stderr,
    /its key is handed over, but not here\n.*LoadCredential=client\.key/,
  );
  assert.match(enrolAgain.stderr, /this host is known to https:/);
  assert.deepEqual([withKey.stderr, withKey.code], ["", 0]);
  assert.match(withKey.stdout, /^Exported \d+ batches/);
});
