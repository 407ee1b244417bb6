import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { runLog } from "#test/support/engine.ts";
import { generateLog } from "#test/support/generated-log.ts";

const log = generateLog({ seed: 7, events: 300, nodes: [""] });
const lineEnd = log.indexOf(0x0a, log.length >> 1) + 1;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "replay-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function place(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function replay(args: readonly string[], input?: Uint8Array) {
  return spawnSync(process.execPath, ["src/main.ts", "replay", ...args], {
    maxBuffer: 2 ** 28,
    env: {},
    ...(input === undefined ? {} : { input }),
  });
}

/** Ids of events in the order they were written. */
function idsOf(documents: Uint8Array): readonly string[] {
  return Buffer.from(documents)
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { event: { id: string } }).event.id);
}

const expected = idsOf(runLog(log, { hostKey: "replay" }));

test("linuxguard replay writes the events of a file, of standard input and of a pipe", () => {
  const file = replay([place("audit.log", log)]);
  const stdin = replay(["-"], log);
  const empty = replay([place("empty.log", Buffer.alloc(0))]);

  assert.deepEqual([file.status, file.stderr.toString()], [0, ""]);
  assert.deepEqual(idsOf(file.stdout), expected);
  assert.deepEqual([stdin.status, idsOf(stdin.stdout)], [0, expected]);
  assert.deepEqual([empty.status, empty.stdout.length], [0, 0]);
});

test("linuxguard replay takes files in their order as one log, compressed or not", () => {
  const older = place("audit.log.2.gz", gzipSync(log.subarray(0, lineEnd)));
  const newer = place("audit.log.1", log.subarray(lineEnd));
  const members = [log.subarray(0, 999), log.subarray(999)].map((part) => gzipSync(part));

  assert.deepEqual(idsOf(replay([older, newer]).stdout), expected);
  assert.deepEqual(idsOf(replay(["-"], Buffer.concat(members)).stdout), expected);
});

test("linuxguard replay ends with 65 if lines are no records, and writes them too", () => {
  const { status, stdout, stderr } = replay(["-"], Buffer.concat([log, Buffer.from("junk\n")]));

  assert.equal(status, 65);
  assert.equal(idsOf(stdout).length, expected.length + 1);
  assert.match(stderr.toString(), /^linuxguard: Found damage: 1 lines are no audit records/);
});

test("linuxguard replay ends with 65 if a compressed file breaks off, and writes what was before", () => {
  const whole = gzipSync(log);
  const cut = place("audit.log.1.gz", whole.subarray(0, whole.length >> 1));
  const garbled = place(
    "audit.log.2.gz",
    Buffer.concat([whole.subarray(0, whole.length >> 1), log]),
  );

  for (const path of [cut, garbled]) {
    const { status, stdout, stderr } = replay([path]);

    assert.equal(status, 65);
    assert.ok(idsOf(stdout).length > 5);
    assert.match(stderr.toString(), /Cannot read the rest of .*: it is no whole gzip file/);
  }
});

test("linuxguard replay ends with 66 for a file that is not there or is no file", () => {
  for (const path of [join(folder, "none"), folder]) {
    const { status, stderr } = replay([path]);

    assert.equal(status, 66);
    assert.match(stderr.toString(), /^linuxguard: Cannot read .*: E(NOENT|ISDIR)\n/);
  }
});

test("linuxguard replay writes to a file, and ends with 74 if that cannot be written", () => {
  const input = place("audit.log", log);
  const output = join(folder, "events.ndjson");
  const done = replay(["--output", output, input]);
  const full = replay(["--output=/dev/full", input]);

  assert.deepEqual([done.status, done.stdout.length], [0, 0]);
  assert.deepEqual(idsOf(readFileSync(output)), expected);
  assert.equal(full.status, 74);
  assert.match(full.stderr.toString(), /^linuxguard: Cannot write \/dev\/full: ENOSPC\n/);
});

test("linuxguard replay shows how far it is on a terminal only, and takes that away in the end", () => {
  const input = place("audit.log", log);
  const command = `${process.execPath} src/main.ts replay -o ${join(folder, "out")} ${input}`;
  const { stdout, status } = spawnSync("script", ["-qec", command, "/dev/null"], {
    encoding: "utf8",
  });

  assert.equal(status, 0);
  assert.match(stdout, /\[#{30}\] 100 % /);
  assert.ok(stdout.trimEnd().endsWith("\u001b[2K"), JSON.stringify(stdout.slice(-40)));
});

test("linuxguard replay ends without a word if its reader has enough", async () => {
  const child = start([place("audit.log", Buffer.concat(Array.from({ length: 20 }, () => log)))]);
  const { stdout, stderr } = child;
  assert.ok(stdout !== null && stderr !== null);
  const said = buffer(stderr);
  await once(stdout, "data");
  stdout.destroy();
  const [code] = (await once(child, "close")) as [number | null];

  assert.equal(code, 141);
  assert.equal((await said).toString(), "");
});

test("linuxguard replay waits for a slow reader and takes no more memory for a longer log", async () => {
  const peaks: number[] = [];
  for (const times of [60, 300]) {
    const path = place(`${times}.log`, Buffer.concat(Array.from({ length: times }, () => log)));
    const child = start([path]);
    await sleep(500);
    peaks.push(await readAll(child));
    assert.equal(child.exitCode, 0);
  }

  const [short = 0, long = 0] = peaks;
  assert.ok(long < short + 40 && long < 200, `${short} and ${long} MiB`);
});

/** Reads all that a process writes; gives its peak of memory in MiB. */
async function readAll(child: ChildProcess): Promise<number> {
  const { stdout, pid } = child;
  assert.ok(stdout !== null);
  const closed = once(child, "close");
  let peak = 0;
  let pieces = 0;
  for await (const _piece of stdout) {
    pieces++;
    if (pieces % 64 === 1) peak = readPeak(pid ?? 0) ?? peak;
  }
  await closed;
  return peak;
}

/** Source: proc_pid_status(5), `VmHWM`; `undefined` for a process that has ended. */
function readPeak(pid: number): number | undefined {
  const kib = /^VmHWM:\s+(?<kib>\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return kib === null ? undefined : Number(kib.groups?.kib) / 1_024;
}

/** Starts it with the memory settings that the binary has, see build/binary.ts. */
function start(args: readonly string[]): ChildProcess {
  const options = ["--max-semi-space-size=8", "--heap-growing-percent=30"];
  const command = [...options, "src/main.ts", "replay", ...args];
  return spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"], env: {} });
}
