import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { baseOf } from "#build/binary/base.ts";
import { makeApk } from "#build/package/apk.ts";
import { loaderLibraries } from "#build/package/loader.ts";
import type { AgentStatus } from "#model/status.ts";
import { footprint } from "#product/footprint.ts";
import { buildAgent } from "#test/support/built-agent.ts";
import { BusyboxRoot } from "#test/support/busybox-root.ts";
import { startConsole } from "#test/support/console/console.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import { startNameServer } from "#test/support/one-name-server.ts";
import { type ReadApk, readApk } from "#test/support/read-apk.ts";

const { account, audit, auditGroup, files } = footprint;
const fixture = "test/fixtures/sudo/audit.log";
const base = baseOf();

describe("The package for apk with the real program, on a host without any C library", () => {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-apk-real-"));
  const root = new BusyboxRoot();
  const clean = root.snapshot();
  let apk: ReadApk;

  before(async () => {
    const agentFile = buildAgent(join(folder, "checkout"), base);
    const file = await makeApk({ base, agentFile, folder });
    apk = readApk(readFileSync(file), "unsigned");
    rmSync(file);
    root.install(apk);
  });
  after(() => {
    root[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  test("brings a program that runs by both its names, as the account it made", () => {
    assert.match(run(files.cli.path, "version"), /^linuxguard \d/);
    assert.match(run(files.agent.path, "version"), /^linuxguard-agent \d/);
    assert.equal(run("/bin/id", "-u"), `${idsOf(root).uid}\n`);
  });

  test("enrols, reads the log, keeps and delivers events; has no library but the package's", async () => {
    await using names = await startNameServer("127.9.9.9", "localhost");
    writeFileSync(join(root.path, "etc/resolv.conf"), "nameserver 127.9.9.9\n");
    const console = await startConsole({ folder: join(folder, "console") });
    prepareHost(root);

    const enrolled = await enroll(root, console.issueToken());
    const agent = start(root, files.agent.path, "run");
    const { console: link } = await untilDelivered(root, agent);
    const maps = readFileSync(`/proc/${agent.pid}/maps`, "utf8");
    const status = readFileSync(`/proc/${agent.pid}/status`, "utf8");
    agent.kill("SIGTERM");
    const [code] = (await once(agent, "close")) as [number | null];
    const kept = run(files.cli.path, "events", "--json");
    const { size: delivered } = console.store.of(link.agentId ?? "").eventIds;
    await console.stop();

    assert.match(enrolled, /^Enrolled at https:\/\/localhost:/);
    assert.ok(names.asked > 0, "The name was not asked for");
    assert.equal(code, 0);
    assert.match(status, new RegExp(`^Uid:\t${idsOf(root).uid}\t`, "m"));
    assert.ok(delivered > 5 && kept.trimEnd().split("\n").length >= delivered);
    const mapped = [...maps.matchAll(/ (?<path>\/.*)$/gm)].map(({ groups }) => groups?.path ?? "");
    const own = loaderLibraries(base).map(({ name }) => `/usr/lib/linuxguard/lib/${name}`);
    assert.deepEqual(
      [...new Set(mapped)].map((path) => path.replace(root.path, "")).toSorted(),
      [...own, files.agent.path].toSorted(),
    );
  });

  test("goes through its whole life: again, upgrade, removal", () => {
    const installed = root.snapshot();

    root.upgrade(apk, apk);
    assert.deepEqual(root.snapshot(), installed);
    root.remove(apk);

    const after = root.snapshot();
    const left = [...after].flatMap(([path, what]) => (clean.get(path) === what ? [] : [path]));
    const kept =
      /^(?:etc\/(?:passwd|group|resolv\.conf)|(?:etc|run|var\/lib|var\/log)\/linuxguard.*|var\/log\/audit.*)$/;
    assert.deepEqual(
      left.filter((path) => !kept.test(path)),
      [],
    );
    assert.deepEqual(
      [...clean.keys()].filter((path) => !after.has(path)),
      [],
    );
    keepEvidence("apk life cycle", renderLife(apk, root, left));
  });

  /** Runs a program in the root as the agent's account, and returns what it writes. */
  function run(...words: readonly string[]): string {
    const [program, ...args] = root.command(account.name, ...words);
    return execFileSync(program, args, { encoding: "utf8", env: {}, stdio: "pipe" });
  }
});

/** What the package holds, what its scripts said, and what stays after the removal. */
function renderLife(
  { info, entries }: ReadApk,
  root: BusyboxRoot,
  left: readonly string[],
): string {
  const fields = [...info].map(([name, values]) => `${name} = ${values.join(", ")}`);
  const held = entries.map(
    ({ path, mode, bytes }) =>
      `${mode.toString(8)} root root ${String(bytes.length).padStart(9)} ${path}`,
  );
  return [
    ...["# the package", ...fields, "", "# what it puts on a host", ...held, ""],
    ...[root.transcript, "# what stays: accounts, settings, what was collected", ...left, ""],
  ].join("\n");
}

function idsOf(root: BusyboxRoot): { readonly uid: number; readonly gid: number } {
  const [, , uid, gid] = root.fieldsOf("passwd", account.name);
  return { uid: Number(uid), gid: Number(gid) };
}

/** Does what auditd and OpenRC do on a host: the log is the group's to read, the volatile directory there. */
function prepareHost(root: BusyboxRoot): void {
  const { uid, gid } = idsOf(root);
  const [, , auditGid] = root.fieldsOf("group", auditGroup);
  const log = join(root.path, audit.log);
  cpSync(fixture, log);
  chmodSync(log, 0o640);
  chmodSync(dirname(log), 0o750);
  for (const path of [log, dirname(log)]) chownSync(path, 0, Number(auditGid));
  mkdirSync(join(root.path, "run/linuxguard"));
  chownSync(join(root.path, "run/linuxguard"), uid, gid);
}

/** Starts a program in the root as the agent's account. */
function start(root: BusyboxRoot, ...words: readonly string[]): ChildProcess {
  const [program, ...args] = root.command(account.name, ...words);
  return spawn(program, args, { env: {}, stdio: ["pipe", "pipe", "inherit"] });
}

async function enroll(root: BusyboxRoot, token: string): Promise<string> {
  const { stdin, stdout } = start(root, files.cli.path, "enroll");
  assert.ok(stdin !== null && stdout !== null);
  stdin.end(token);
  return await text(stdout);
}

/** Waits until the console has what the agent read. */
async function untilDelivered(root: BusyboxRoot, agent: ChildProcess): Promise<AgentStatus> {
  const file = join(root.path, "run/linuxguard/status.json");
  for (let tries = 0; tries < 1_200 && agent.exitCode === null; tries++) {
    const status = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as AgentStatus)
      : undefined;
    if (status?.console.acknowledgedAt !== undefined && status.console.lag.events === 0)
      return status;
    await sleep(50);
  }
  throw new Error("Waited in vain for the agent to deliver");
}
