import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Guard } from "#build/run/guard.ts";
import { startAuditd } from "#test/support/auditd.ts";

const someUid = 61_999;

describe("A guard over the log of an auditd that runs", () => {
  for (const logGroup of ["adm", "root"]) {
    test(`lets one user read it through a rotation, and takes it back, if its group is ${logGroup}`, async () => {
      await using auditd = await startAuditd({ logGroup });
      const before = accessOf(auditd.logFolder);

      const guard = await Guard.live(auditd.logFile, someUid);
      assert.equal(canRead(auditd.logFile), true);
      await auditd.rotate();
      await until(() => canRead(auditd.logFile) && canRead(`${auditd.logFile}.1`));
      assert.equal(canRead(auditd.configFile), false);
      assert.match(await auditd.auditctl("-l"), /linuxguard-run/);
      await guard.stop();

      assert.equal(canRead(auditd.logFile), false);
      assert.equal(canRead(`${auditd.logFile}.1`), false);
      assert.equal(accessOf(auditd.logFolder), before);
      assert.equal((await auditd.auditctl("-l")).trim(), "No rules");
    });
  }
});

describe("make run", () => {
  const root = mkdtempSync(join(tmpdir(), "linuxguard-run-test-"));
  const checkout = join(root, "checkout");

  before(() => {
    mkdirSync(join(checkout, "node_modules"), { recursive: true });
    for (const name of ["src", "build", "package.json", "test/fixtures"])
      cpSync(name, join(checkout, name), { recursive: true });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test("as root reads the live log as another user, even from a closed home, and undoes it all", async () => {
    chmodSync(root, 0o700);
    const run = startRun(checkout, []);
    const mark = `linuxguard-run-${process.pid}`;

    const uids = await showsMark(run, mark);
    process.kill(run.pid ?? 0, "SIGINT");
    const code = await exitOf(run);

    assert.equal(code, 0);
    assert.ok(uids.length === 1 && Number(uids[0]) >= 61_184, `Run as ${uids}`);
    assert.equal(execFileSync("auditctl", ["-l"], { encoding: "utf8" }).trim(), "No rules");
    const status = execFileSync("auditctl", ["-s"], { encoding: "utf8" });
    assert.match(status, /^enabled 0$/m);
    assert.match(status, /^pid 0$/m);
    assert.deepEqual(agentsOf(checkout), []);
    assert.equal(existsSync(join(checkout, ".run/auditd")), false);
  });

  test("without root rights replays a recorded log and says why", async () => {
    chmodSync(root, 0o755);
    rmSync(join(checkout, ".run"), { recursive: true, force: true });
    chownSync(checkout, someUid, someUid);
    const user = ["setpriv", `--reuid=${someUid}`, `--regid=${someUid}`, "--clear-groups"];
    const run = startRun(checkout, user, "--seconds=5");

    const [said, shown, code] = await Promise.all([
      textOf(run.stderr),
      textOf(run.stdout),
      exitOf(run),
    ]);

    assert.match(said, /^Source: a recorded audit log, as /);
    assert.ok(shown.split("\n").length > 10, `Shown: ${shown}${said}`);
    assert.equal(code, 0);
    assert.deepEqual(agentsOf(checkout), []);
  });
});

/** Starts it in a copy of the checkout that has our node_modules by a mount of its own. */
function startRun(
  checkout: string,
  user: readonly string[],
  ...args: readonly string[]
): ChildProcess {
  const node = relative(process.cwd(), process.execPath);
  const mount = `mount --bind node_modules "$0/node_modules" && cd "$0" && exec "$@"`;
  const line = [...user, `./${node}`, "build/run.ts", ...args];
  return spawn("unshare", ["--mount", "/bin/sh", "-c", mount, checkout, ...line], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a program with the mark until it is shown; returns whose the agent's processes are. */
async function showsMark(run: ChildProcess, mark: string): Promise<readonly string[]> {
  let shown = "";
  run.stdout?.on("data", (bytes: Buffer) => (shown += bytes.toString("utf8")));
  run.stderr?.on("data", (bytes: Buffer) => (shown += bytes.toString("utf8")));
  await until(() => {
    if (run.exitCode !== null) throw new Error(`It ended: ${shown}`);
    execFileSync("/bin/echo", [mark]);
    return shown.includes(mark);
  });
  return [...new Set(agentsOf("/linuxguard-run-").map(({ uid }) => uid))];
}

/** The agent's processes with this in their command line. */
function agentsOf(part: string): readonly { readonly uid: string }[] {
  return globSync("/proc/[0-9]*/cmdline").flatMap((path) => {
    const line = readIfThere(path).replaceAll("\0", " ");
    if (!line.includes(part) || !/src\/main\.ts (?:agent run|events) /.test(line)) return [];
    const status = readIfThere(join(path, "../status"));
    return [{ uid: /^Uid:\t(?<uid>\d+)/m.exec(status)?.groups?.uid ?? "gone" }];
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function canRead(path: string): boolean {
  const user = [`--reuid=${someUid}`, `--regid=${someUid}`, "--clear-groups"];
  return spawnSync("setpriv", [...user, "cat", path], { stdio: "ignore" }).status === 0;
}

/** Modes and access control lists of a folder and what is in it. */
function accessOf(folder: string): string {
  const names = readdirSync(folder).filter((name) => name === "audit.log");
  const paths = [folder, ...names.map((name) => join(folder, name))];
  return execFileSync("getfacl", ["-p", ...paths], { encoding: "utf8" });
}

/** Waits until it holds; gives up after 30 s. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (holds()) return;
    await sleep(100);
  }
  throw new Error("Waited 30 s in vain");
}

async function textOf(stream: ChildProcess["stdout"]): Promise<string> {
  return stream === null ? "" : await text(stream);
}

/** The code that it ends with; `null` after a signal. */
async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}
