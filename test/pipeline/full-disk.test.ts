import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runOnTmpfs } from "#test/support/tmpfs.ts";

test("A spool on a full disk gets every event once there is room again", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "full-disk-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const program = ["test/support/full-disk.ts"];
  const script = `disk=$1 folder=$2; shift 2; exec "$@" "$disk" "$folder"`;

  const run = runOnTmpfs("size=2m", script, [folder, process.execPath, ...program]);

  assert.equal(run.status, 0, run.stderr);
  const sum = JSON.parse(run.stdout) as {
    refusedAt: number;
    documents: number;
    doubled: number;
    lines: number;
    read: { lines: number };
    inFlight: { lines: number };
    lost: object;
  };
  context.diagnostic(run.stdout.trim());
  assert.ok(sum.refusedAt > 0 && sum.documents > sum.refusedAt);
  assert.deepEqual({ doubled: sum.doubled, lost: sum.lost }, { doubled: 0, lost: {} });
  assert.equal(sum.lines + sum.inFlight.lines, sum.read.lines);
});
