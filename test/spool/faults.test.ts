import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkSpool, writeBatches } from "#test/support/kill-loop.ts";
import { type FaultRun, runWithFaults } from "#test/support/strace.ts";

const batches = 12;
const writer = join(import.meta.dirname, "../support/kill-loop-writer.ts");
const calls = ["pwrite64", "fdatasync", "fsync", "rename", "unlink", "symlink"];

for (const call of calls) {
  test(`R09 a spool survives ENOSPC of every ${call} and goes on by itself`, async () => {
    await forEveryCall(call, "error=ENOSPC", ({ status, stderr }) => {
      assert.equal(status, 0, stderr);
    });
  });

  test(`R11 a spool survives SIGKILL at every ${call}`, async () => {
    await forEveryCall(call, "signal=SIGKILL", ({ signal, stderr }) => {
      assert.equal(signal, "SIGKILL", stderr);
    });
  });
}

for (const call of ["pwrite64", "fdatasync", "fsync"]) {
  test(`R10 a spool takes a batch for not written after EIO of any ${call}`, async () => {
    // Each run has the disk fail again and again, so five runs reach all calls.
    for (const n of [1, 2, 3, 4, 5]) {
      const wasHit = await withRun([`${call}:error=EIO:when=${n}+5`], ({ status, stderr }) => {
        assert.equal(status, 0, stderr);
      });
      assert.ok(wasHit);
    }
  });
}

test("R10 a spool writes nothing more until it has cut off what a failed sync left", async () => {
  await withRun(["fdatasync:error=EIO:when=3", "ftruncate:error=EROFS:when=1..5"], (run) => {
    assert.equal(run.status, 0, run.stderr);
    assert.equal(run.stdout.match(/^failed /gm)?.length, 5);
  });
});

test("R10 a spool whose disk stays broken fails and is whole after a restart", async () => {
  await withRun(["fdatasync:error=EIO:when=3+", "ftruncate:error=EIO:when=1+"], (run) => {
    assert.equal(run.status, 73, run.stderr);
    assert.match(run.stderr, /current value of the error is "EIO"/);
  });
});

test("R11 a spool survives SIGKILL while it cuts off what a failed sync left", async () => {
  const faults = ["fdatasync:error=EIO:when=3", "ftruncate:signal=SIGKILL:when=1"];
  const wasHit = await withRun(faults, ({ signal }) => assert.equal(signal, "SIGKILL"));
  assert.ok(wasHit);
});

/** Runs the writer with the first call failing, then with the second, until none is left to fail. */
async function forEveryCall(
  call: string,
  fault: string,
  check: (run: FaultRun) => void,
): Promise<void> {
  let hits = 0;
  while (await withRun([`${call}:${fault}:when=${hits + 1}`], check)) {
    hits += 1;
    assert.ok(hits < 200, `${call} is called without end`);
  }
  assert.ok(hits > 0, `${call} is never called`);
}

/** Runs the writer under faults, lets another finish its work and proves the spool; false without a hit. */
async function withRun(
  faults: readonly string[],
  check: (run: FaultRun) => void,
): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "spool-"));
  try {
    const directory = join(folder, "spool");
    const run = runWithFaults([process.execPath, writer, directory, String(batches)], faults);
    if (run.wasHit) check(run);
    checkSpool(directory, run.stdout);
    await writeBatches(directory, batches + 2);
    checkSpool(directory, run.stdout);
    return run.wasHit;
  } catch (error) {
    throw new Error(`Faults were ${faults.join(", ")}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
