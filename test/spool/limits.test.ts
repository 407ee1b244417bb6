import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { checkSpool, temporarySpool } from "#test/support/kill-loop.ts";
import { runOnTmpfs } from "#test/support/tmpfs.ts";

const writer = join(import.meta.dirname, "../support/kill-loop-writer.ts");
const program = [process.execPath, writer];

test("R08 a spool whose writes are cut short by a limit leaves no torn batch", (context) => {
  const directory = temporarySpool(context);
  // Blocks of 512 bytes: a segment takes one batch, and the second write to it is short.
  const script = 'ulimit -f 20; exec "$@"';

  const run = spawnSync("sh", ["-c", script, "sh", ...program, directory, "10"], {
    encoding: "utf8",
  });

  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /^failed .*"EFBIG"$/m);
  checkSpool(directory, run.stdout);
});

test("R09 a spool on a full disk removes what its reader had, and goes on", () => {
  const script = '"$2" "$3" "$1/spool" 12 | grep -c ^appended';

  const run = runOnTmpfs("size=40k", script, program);

  assert.equal(run.status, 0, run.stderr);
  assert.equal(run.stdout, "12\n");
});

test("R09 a spool on a full disk keeps what no reader had, starts, and goes on when there is space", () => {
  const script = `
    dd if=/dev/zero of="$1/ballast" bs=1k count=44 status=none
    "$2" "$3" "$1/spool" 12 >"$1/out" || echo "full: $?"
    "$2" "$3" "$1/spool" 12 >/dev/null || echo "full again: $?"
    rm "$1/ballast"
    "$2" "$3" "$1/spool" 12 | grep ^appended | head -n 1
    "$2" "$3" "$1/spool" 12`;

  const run = runOnTmpfs("size=80k", script, program);

  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /^full: 73\nfull again: 73\nappended \d+ \d+ \w{64}\nlosses \{\}\n$/);
});

test("R09 a spool without a free inode goes on when there is one", () => {
  const script = `
    for n in 1 2 3; do : >"$1/ballast.$n"; done
    "$2" "$3" "$1/spool" 12 >/dev/null || echo "full: $?"
    rm "$1"/ballast.*
    "$2" "$3" "$1/spool" 12 | grep -c ^appended`;

  const run = runOnTmpfs("size=200k,nr_inodes=10", script, program);

  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /^full: 73\n[1-9]\d*\n$/);
});

test("R40 a spool on a file system that became read-only says so and goes on after that", () => {
  const script = `
    "$2" "$3" "$1/spool" 3 | tail -n 1
    mount -o remount,ro "$1"
    "$2" "$3" "$1/spool" 6 2>&1 >/dev/null || echo "read-only: $?"
    mount -o remount,rw "$1"
    "$2" "$3" "$1/spool" 6 | grep -c ^appended`;

  const run = runOnTmpfs("size=200k", script, program);

  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /^losses \{\}\nCannot .*"EROFS"\nread-only: 73\n3\n$/);
});

test("R11 a spool survives SIGKILL at any moment", async (context) => {
  const directory = temporarySpool(context);
  let reports = "";

  for (let round = 1; round <= 20; round += 1) {
    const child = spawn(process.execPath, [writer, directory, "100000"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      reports += text;
    });
    const ended = once(child, "close");
    await once(child.stdout, "data");
    await sleep(Math.random() * 40);
    child.kill("SIGKILL");
    await ended;
    checkSpool(directory, reports);
  }

  assert.match(reports, /^shipped /m);
});
