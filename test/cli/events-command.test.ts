import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { TimeRange } from "#spool/frame.ts";
import { SpoolReader } from "#spool/reader.ts";
import { Spool } from "#spool/spool.ts";
import { Collecting } from "#test/support/collecting.ts";

let folder = "";
let directory = "";
let config = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "events-"));
  directory = join(folder, "spool");
  config = join(folder, "linuxguard.conf");
  writeFileSync(config, `[spool]\ndirectory = ${directory}\n`);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The serials of the events that are shown. */
function shown(...args: readonly string[]): readonly number[] {
  const command = ["src/main.ts", "events", "--json", "-c", config, ...args];
  const { stdout } = spawnSync(process.execPath, command, { encoding: "utf8", env: {} });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { event: { sequence: number } }).event.sequence);
}

/** Appends a batch of one event at so many seconds of the epoch, which is its serial as well. */
function append(spool: Spool, seconds: number, timeRange?: TimeRange): void {
  const time = new Date(seconds * 1_000).toISOString();
  const document = JSON.stringify({ "@timestamp": time, event: { sequence: seconds } });
  spool.append({
    documents: Buffer.from(`${document}\n`),
    count: 1,
    note: Buffer.alloc(0),
    ...(timeRange && { timeRange }),
  });
}

test("linuxguard events passes over a batch of another time unread, and reads one that tells no time", () => {
  const spool = Spool.open({
    directory,
    maxBytes: 1_048_576,
    segmentBytes: 65_536,
    freeFloorBytes: 0,
    compressionLevel: 1,
  });
  append(spool, 10, { firstMs: 10_000, lastMs: 10_000 });
  // What a batch says of its time decides, as nothing in it is looked at.
  append(spool, 20, { firstMs: 99_000, lastMs: 99_000 });
  append(spool, 30);
  spool.close();

  assert.deepEqual(shown(), [10, 20, 30]);
  assert.deepEqual(shown("--since=@10", "--until=@30"), [10, 30]);
  assert.deepEqual(shown("--since=@11", "--until=@30"), [30]);
  assert.deepEqual(shown("--since=@10", "--until=@29"), [10]);
});

test("linuxguard events finds by time what a collector wrote, as its batches tell their times", async () => {
  const logFile = join(folder, "audit.log");
  const event = (serial: number) =>
    `type=USER_CMD msg=audit(${serial}.250:${serial}): a=1\ntype=EOE msg=audit(${serial}.250:${serial}): \n`;
  const batches = [
    [1_700_000_020, 1_700_000_010, 1_700_000_030],
    [1_700_009_000],
    [1_600_000_000, 1_800_000_000],
  ];
  let log = "";
  for (const serials of batches) {
    log += serials.map(event).join("");
    writeFileSync(logFile, log);
    const collecting = new Collecting({ logFile, directory });
    await collecting.untilRead(log.length);
    await collecting.stop();
  }

  const ranges = [...SpoolReader.open({ directory }).batches()]
    .filter(({ count }) => count > 0)
    .map(({ timeRange }) => timeRange);

  assert.deepEqual(
    ranges,
    batches.map((serials) => ({
      firstMs: Math.min(...serials) * 1_000 + 250,
      lastMs: Math.max(...serials) * 1_000 + 250,
    })),
  );
  assert.deepEqual(
    shown("--since=@1700000011", "--until=@1700000031"),
    [1_700_000_020, 1_700_000_030],
  );
  assert.deepEqual(
    shown("--since=@1700000020.250", "--until=@1700009000.250"),
    [1_700_000_020, 1_700_000_030, 1_700_009_000],
  );
  assert.deepEqual(shown("--until=@1700000000"), [1_600_000_000]);
  assert.deepEqual(shown("--since=@1800000000.251"), []);
});
