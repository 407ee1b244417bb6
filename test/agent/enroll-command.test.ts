import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, existsSync, openSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { exitCodes } from "#base/failure.ts";
import { identityFile } from "#ship/identity.ts";
import { TestAgent } from "#test/support/agent.ts";
import { startConsole } from "#test/support/console/console.ts";

test("linuxguard enroll makes a running agent known to a console, once for each token, also in the place of another", async (context) => {
  await using agent = await TestAgent.create();
  const console = await startConsole({ folder: join(agent.folder, "console") });
  context.after(async () => await console.stop());
  const stateDirectory = join(agent.folder, "state");
  closeSync(openSync(agent.logFile, "w"));
  agent.give(stateDirectory);
  const run = agent.start();
  await agent.until("unenrolled", ({ console: { state } }) => state === "unenrolled");
  const token = console.issueToken();
  const tokenFile = join(agent.folder, "next-token");
  writeFileSync(tokenFile, console.issueToken());
  chmodSync(tokenFile, 0o644);

  const first = await enroll(agent, token);
  const { console: link } = await agent.until("connected", ({ console: { state } }) => {
    return state === "connected";
  });
  const known = await enroll(agent, console.issueToken());
  const spent = await enroll(agent, token, "--replace");
  const replaced = await enroll(agent, "", "--replace", `--token-file=${tokenFile}`);
  const next = await agent.until("the new identity", ({ console: { agentId, state } }) => {
    return state === "connected" && agentId !== link.agentId;
  });
  run.signal("SIGTERM");
  await run.ended;

  assert.match(replaced.stdout, new RegExp(` as ${next.console.agentId}\n`));
  assert.deepEqual([first.code, first.stderr], [0, ""]);
  assert.match(first.stdout, new RegExp(`^Enrolled at ${console.url} as ${link.agentId}\n`));
  assert.equal(statSync(identityFile(stateDirectory)).mode & 0o777, 0o600);
  assert.deepEqual([known.code, spent.code], Array(2).fill(exitCodes["console.refused"]));
  assert.match(known.stderr, /this host is known to .* already/);
  assert.equal(replaced.code, 0, replaced.stderr);
  assert.equal(console.store.agentIds.length, 2);
});

test("linuxguard enroll says who could not be reached, and does nothing as root", async () => {
  await using agent = await TestAgent.create();
  const console = await startConsole({ folder: join(agent.folder, "console") });
  const token = console.issueToken();
  await console.stop();
  agent.give(join(agent.folder, "state"));

  const unreachable = await enroll(agent, token);
  const damaged = await enroll(agent, "lgc1.secret-part");
  const asRoot = await enroll(agent, token, "as-root");

  assert.equal(unreachable.code, exitCodes["console.unreachable"], unreachable.stderr);
  assert.notEqual(damaged.code, 0);
  assert.ok(!damaged.stderr.includes("secret-part"));
  assert.equal(asRoot.code, exitCodes["run.refused"], asRoot.stderr);
  assert.ok(!existsSync(identityFile(join(agent.folder, "state"))));
});

/** Runs the command with a token on standard input, as the agent's account or as root. */
async function enroll(agent: TestAgent, token: string, ...words: readonly string[]) {
  const { uid } = statSync(join(agent.folder, "state"));
  const isRoot = words.includes("as-root");
  const args = words.filter((word) => word !== "as-root");
  const command = ["agent.cjs", "enroll", `--config=${agent.configFile}`, ...args];
  const child = spawn(join(agent.folder, "node"), command, {
    cwd: agent.folder,
    env: {},
    ...(!isRoot && { uid, gid: uid }),
  });
  child.stdin.end(token);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number]>,
  ]);
  return { code, stdout, stderr };
}
