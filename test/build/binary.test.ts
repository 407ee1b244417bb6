import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { baseOf, prepareBase, requireChecksum } from "#build/binary/base.ts";
import { TestAgent } from "#test/support/agent.ts";

describe("The binary", () => {
  const root = mkdtempSync(join(tmpdir(), "linuxguard-binary-"));
  const first = join(root, "a");
  const second = join(root, "a folder with another name");
  const agent = join(first, "dist/linuxguard-agent");

  before(() => {
    copySources(".", first);
    copySources(first, second);
    build(first, []);
    build(second, ["faketime", "2031-02-03 04:05:06"]);
    build(first, [], ["--jitless"]);
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test("is the same in another folder, at another time", () => {
    assert.equal(
      checksum(agent),
      checksum(join(second, "dist/linuxguard-agent")),
      "Two builds of the same sources differ",
    );
  });

  test("names no folder of the machine that built it", () => {
    const bytes = readFileSync(agent);

    assert.equal(bytes.includes(root), false);
    assert.equal(bytes.includes(process.cwd()), false);
  });

  test("goes by two names", () => {
    const link = join(first, "dist/linuxguard");

    assert.equal(readlinkSync(link), "linuxguard-agent");
    assert.match(run(link, "version"), /\b0\.1\.0\b/);
    assert.match(run(agent, "--help"), /linuxguard-agent/);
  });

  test("brings the licences of all that is in it", () => {
    const licences = readFileSync(join(first, "dist/THIRD-PARTY.txt"), "utf8");

    for (const name of ["node-linux-", "winston 3", "ini 7"]) assert.ok(licences.includes(name));
  });

  test("takes no options for Node from its environment", () => {
    const file = join(root, "injected.cjs");
    writeFileSync(file, "require('node:fs').writeSync(1, 'injected')");
    const env = { ...process.env, NODE_OPTIONS: `--require=${file}` };

    const { status, stdout } = spawnSync(agent, ["--help"], { env, encoding: "utf8" });

    assert.equal(status, 0);
    assert.doesNotMatch(stdout, /injected/);
  });

  test("lets no script call a library's functions", () => {
    const bytes = readFileSync(agent);

    assert.ok(bytes.includes("\0--no-experimental-ffi"));
  });

  test("runs without memory that is written and then run only in its jitless form", () => {
    const normal = runWithoutNewCode(agent);
    const jitless = runWithoutNewCode(`${agent}-jitless`);

    assert.equal(normal.signal, "SIGTRAP");
    assert.deepEqual({ status: jitless.status, stderr: jitless.stderr }, { status: 0, stderr: "" });
    assert.match(jitless.stdout, /linuxguard-agent 0\.1\.0/);
  });

  test("ends when its main thread stands still", async () => {
    await using place = await TestAgent.create();
    copyFileSync(agent, join(place.folder, "linuxguard-agent"));
    writeFileSync(place.logFile, "");
    place.configure({ agent: ["hang_limit = 5s"] });
    const run = place.start();
    await place.until("the first status", ({ pid }) => pid === run.pid);

    spawn("python3", ["-c", holdMainThread, String(run.pid)], { stdio: "inherit" });
    const { signal, stderr } = await run.ended;

    assert.equal(signal, "SIGABRT");
    assert.match(stderr, /^linuxguard-agent: The main thread hung for 5 s, so it ends$/m);
  });

  test("is not built upon a Node that has another checksum", () => {
    const base = { ...baseOf(process.arch), sha256: "0".repeat(64) };

    assert.throws(() => prepareBase(base, join(root, "node")), /Cannot trust/);
    assert.throws(() => requireChecksum(agent, base.sha256), /should be 0{64}/);
  });
});

/** Stops one thread and not its process. Source: ptrace(2), PTRACE_SEIZE and PTRACE_INTERRUPT. */
const holdMainThread = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
thread = ctypes.c_long(int(sys.argv[1]))
if libc.ptrace(0x4206, thread, None, None) or libc.ptrace(0x4207, thread, None, None):
    sys.exit("ptrace: errno %d" % ctypes.get_errno())
while os.WIFSTOPPED(os.waitpid(thread.value, 0)[1]): pass`;

function copySources(from: string, to: string): void {
  mkdirSync(to);
  for (const name of ["src", "build", "package.json"]) {
    cpSync(join(from, name), join(to, name), { recursive: true });
  }
  symlinkSync(resolve("node_modules"), join(to, "node_modules"));
}

function build(folder: string, prefix: readonly string[], more: readonly string[] = []): void {
  const [program = "", ...args] = [...prefix, process.execPath, "build/binary.ts", ...more];
  execFileSync(program, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

/**
 * Runs `version` as the kernel lets a process run that may not gain code: what
 * MemoryDenyWriteExecute= does, too. Source: prctl(2), PR_SET_MDWE, since Linux 6.3.
 */
function runWithoutNewCode(program: string) {
  const script = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(65, 1, 0, 0, 0): sys.exit("PR_SET_MDWE: " + os.strerror(ctypes.get_errno()))
os.execv(sys.argv[1], sys.argv[1:])`;
  return spawnSync("python3", ["-c", script, program, "version"], { encoding: "utf8" });
}

function checksum(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8" });
}
