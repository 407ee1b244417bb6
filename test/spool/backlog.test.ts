import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { renderSegmentHeader, sealBatch } from "#spool/frame.ts";
import { segmentPath } from "#spool/layout.ts";
import { origin } from "#spool/place.ts";
import { Spool } from "#spool/spool.ts";
import { verifySpool } from "#spool/verify.ts";
import { batchOf, temporarySpool } from "#test/support/kill-loop.ts";

const MiB = 1_048_576;
const large = {
  maxBytes: 4_096 * MiB,
  segmentBytes: 16 * MiB,
  freeFloorBytes: 0,
  compressionLevel: 1,
};

/** Opens a spool in a process of its own and reads all of it; prints batches and the most memory it took, in MiB. */
const program = `
  import { Spool } from "#spool/spool.ts";
  const spool = Spool.open({ directory: process.argv[1], ...${JSON.stringify(large)} });
  let batches = 0;
  if (process.argv[2] === "read") for (const batch of spool.reader().batches()) {
    if (batch.documents().length > 0) batches += 1;
  }
  console.log(spool.head.sequence, batches, Math.round(process.resourceUsage().maxRSS / 1024));`;

test("R16 a spool of 2 GiB opens without reading more than its newest segment", (context) => {
  const directory = temporarySpool(context);
  mkdirSync(directory);
  for (let n = 0; n < 128; n += 1) {
    const path = segmentPath(directory, n * 10 + 1);
    writeFileSync(path, renderSegmentHeader({ ...origin, sequence: n * 10, documents: n * 100 }));
    truncateSync(path, 16 * MiB);
  }
  const newest = { ...origin, sequence: 1_280, documents: 12_800 };
  const { frame } = sealBatch(batchOf(0), newest, 1);
  writeFileSync(segmentPath(directory, 1_281), Buffer.concat([renderSegmentHeader(newest), frame]));
  assert.equal(verifySpool(directory).broken?.kind, "edited", "the old ones hold no batch");
  writeBacklog(directory, 1);

  const { sequence, peakMiB } = run(directory, "open");

  assert.equal(sequence, 1_282);
  assert.ok(peakMiB < 128, `took ${peakMiB} MiB`);
  context.diagnostic(`open took ${peakMiB} MiB`);
});

test("R16 a reader takes no more memory for a backlog of 384 MiB than for one of 96 MiB", (context) => {
  const directory = temporarySpool(context);
  writeBacklog(directory, 96);
  const small = run(directory, "read");
  writeBacklog(directory, 288);

  const { batches, peakMiB } = run(directory, "read");

  assert.equal(batches, 384);
  // What was read and kept would be 288 MiB more; when it is collected is V8's affair.
  assert.ok(peakMiB < small.peakMiB + 96, `took ${peakMiB} MiB, and ${small.peakMiB} MiB before`);
  context.diagnostic(`reading took ${peakMiB} MiB`);
});

/** Appends batches of 1 MiB that do not compress. */
function writeBacklog(directory: string, batches: number): void {
  const spool = Spool.open({ directory, ...large });
  const documents = Buffer.alloc(MiB);
  for (let n = 0; n < batches; n += 1) {
    spool.append({ documents: randomFillSync(documents), count: 1, note: Buffer.from(`${n}`) });
  }
  spool.close();
}

function run(directory: string, what: "open" | "read") {
  const options = ["--input-type=module", "-e", program, directory, what];
  const { stdout, stderr, status } = spawnSync(process.execPath, options, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const [sequence, batches, peakMiB] = stdout.split(" ").map(Number);
  return { sequence, batches, peakMiB: peakMiB ?? Number.NaN };
}
