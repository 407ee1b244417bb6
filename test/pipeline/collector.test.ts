import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { Collecting } from "#test/support/collecting.ts";
import { TestEngine } from "#test/support/engine.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { assertBalanced } from "#test/support/ledger.ts";
import { readSpooled } from "#test/support/spooled.ts";

let folder = "";
let logFile = "";
let directory = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "collector-"));
  logFile = join(folder, "audit.log");
  directory = join(folder, "spool");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function event(serial: number): string {
  return `type=USER_CMD msg=audit(1700000000.000:${serial}): pid=1 uid=0 res=success\ntype=PROCTITLE msg=audit(1700000000.000:${serial}): proctitle="a"\n`;
}

/** The ids that one engine gives that reads all of a log in one go. */
function idsOf(files: readonly Uint8Array[]): readonly string[] {
  const single = new TestEngine({ recordBytes: 65_536 });
  for (const [index, file] of files.entries()) {
    if (index > 0) single.engine.endFile(0);
    single.push(file);
  }
  return single.lines().map((line) => (JSON.parse(line) as { event: { id: string } }).event.id);
}

test("A batch is written when its first document has waited for the interval", async () => {
  const flush = { intervalMs: 300, sizeBytes: 1_048_576 };
  writeFileSync(logFile, event(1));
  const collecting = new Collecting({ logFile, directory, flush });

  await collecting.until("a document", () => collecting.collector.state.ledger.documents === 1);
  const early = collecting.spool.head.sequence;
  appendFileSync(logFile, event(2));
  await collecting.until("a batch", () => collecting.spool.head.sequence > early);

  assert.equal(early, 0);
  assert.equal(collecting.spool.head.documents, 2);
  await collecting.stop();
});

test("A batch is written at once when it has the size", async () => {
  const flush = { intervalMs: 3_600_000, sizeBytes: 4_096 };
  const events = Array.from({ length: 100 }, (_, serial) => event(serial)).join("");
  writeFileSync(logFile, events);
  const collecting = new Collecting({ logFile, directory, flush, blockBytes: 1_024 });

  const { collector, spool } = collecting;
  await collecting.until("the end", () => collector.state.ledger.read.bytes === events.length);

  assert.ok(spool.head.sequence > 5 && spool.head.documents < 100, "the last ones wait");
  await collecting.stop();
  assert.equal(spool.head.documents, 100);
});

test("A collector that is stopped goes on exactly, also within a line and within an event", async () => {
  const text = Buffer.from([1, 2, 3].map(event).join(""));
  for (let cut = 0; cut <= text.length; cut += 37) {
    writeFileSync(logFile, text.subarray(0, cut));
    const before = new Collecting({ logFile, directory });
    await before.untilRead(cut);
    await before.stop();
    appendFileSync(logFile, text.subarray(cut));
    const after = new Collecting({ logFile, directory });
    await after.untilRead(text.length);
    await after.stop();

    assert.deepEqual(readSpooled(directory).ids, idsOf([text]), `cut at ${cut}`);
    assertBalanced(after.collector.ledger());
    rmSync(directory, { recursive: true });
    rmSync(logFile);
  }
});

/** One act on a collector's world. */
const acts = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("write" as const), share: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constantFrom("rotate" as const, "stop" as const) }),
    fc.record({ kind: fc.constant("kill" as const), afterMs: fc.nat({ max: 12 }) }),
  ),
  { minLength: 5, maxLength: 25 },
);

test("A collector that is stopped and killed at any point gives the documents of a single run, once each", async () => {
  const property = fc.asyncProperty(
    acts,
    fc.nat(),
    fc.constantFrom(50, 1_000, 65_536),
    async (steps, seed, blockBytes) => {
      const log = generateLog({ seed, events: 60, nodes: ["", "n1"] });
      const world = new World(folder, log, blockBytes);
      for (const step of steps) await world.act(step);
      const { ids, files, ledger } = await world.finish();

      assert.deepEqual(ids.toSorted(), idsOf(files).toSorted());
      assertBalanced(ledger);
      assert.equal(ledger.read.bytes, log.length);
      assert.deepEqual(
        Object.keys(ledger.losses).filter((reason) => reason !== "serial_gap"),
        [],
      );
    },
  );

  await fc.assert(property, { numRuns: 60 });
});

/** A log that grows and is rotated, and collectors that come and go over one spool. */
class World {
  readonly #folder: string;
  readonly #path: string;
  readonly #log: Uint8Array;
  readonly #blockBytes: number;
  readonly #files: Buffer[] = [Buffer.alloc(0)];
  #written = 0;
  #lives = 0;
  #collecting: Collecting;

  constructor(parent: string, log: Uint8Array, blockBytes: number) {
    this.#folder = mkdtempSync(join(parent, "world-"));
    this.#path = join(this.#folder, "audit.log");
    this.#log = log;
    this.#blockBytes = blockBytes;
    writeFileSync(this.#path, "");
    this.#collecting = this.#start();
  }

  async act(step: typeof acts extends fc.Arbitrary<readonly (infer Act)[]> ? Act : never) {
    switch (step.kind) {
      case "write":
        this.#write(Math.ceil((this.#log.length * step.share) / 100));
        return;
      case "rotate":
        this.#rotate();
        return;
      case "stop":
        await this.#collecting.stop();
        this.#collecting = this.#start();
        return;
      case "kill":
        await sleep(step.afterMs);
        await this.#kill();
        return;
      default:
        step satisfies never;
    }
  }

  async finish() {
    this.#write(this.#log.length);
    await this.#collecting.untilRead(this.#log.length);
    await this.#collecting.stop();
    const { ids } = readSpooled(this.#spool());
    const ledger = this.#collecting.collector.ledger();
    return { ids, files: this.#files, ledger };
  }

  #write(bytes: number): void {
    const piece = this.#log.subarray(this.#written, this.#written + bytes);
    appendFileSync(this.#path, piece);
    this.#written += piece.length;
    this.#files.push(Buffer.concat([this.#files.pop() ?? Buffer.alloc(0), piece]));
  }

  /** auditd ends a file only behind a whole line. */
  #rotate(): void {
    const rest = this.#log.indexOf(0x0a, this.#written);
    if (this.#written > 0 && this.#log[this.#written - 1] !== 0x0a && rest >= 0) {
      this.#write(rest + 1 - this.#written);
    }
    for (let number = this.#files.length - 1; number >= 1; number--) {
      renameSync(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
    }
    renameSync(this.#path, `${this.#path}.1`);
    writeFileSync(this.#path, "");
    this.#files.push(Buffer.alloc(0));
  }

  /** What lies on disk now is all that the next one finds; what this one holds is gone. */
  async #kill(): Promise<void> {
    const from = this.#spool();
    this.#lives++;
    const isLock = (path: string) => /lock\.\d+$/.test(path);
    cpSync(from, this.#spool(), { recursive: true, filter: (path) => !isLock(path) });
    await this.#collecting.stop();
    this.#collecting = this.#start();
  }

  #start(): Collecting {
    const options = { logFile: this.#path, directory: this.#spool() };
    return new Collecting({ ...options, blockBytes: this.#blockBytes });
  }

  #spool(): string {
    return join(this.#folder, `spool-${this.#lives}`);
  }
}

test("Log that was cut in place is counted once and told by a document", async () => {
  writeFileSync(logFile, event(1) + event(2));
  const before = new Collecting({ logFile, directory });
  await before.untilRead(statSync(logFile).size);
  truncateSync(logFile, 0);
  appendFileSync(logFile, event(3));
  await before.until("a gap", () => before.collector.state.ledger.documents === 4);
  await before.stop();
  const after = new Collecting({ logFile, directory });
  await after.stop();

  const spooled = readSpooled(directory);
  const { losses, documents } = after.collector.ledger();

  assert.deepEqual(losses.truncated, {
    count: 1,
    events: 0,
    bytes: 0,
    first: "1700000000.000:2",
    last: "1700000000.000:2",
  });
  assert.equal(documents, 4);
  assert.deepEqual([...spooled.serials], [1, 2, 3]);
  const [gap] = spooled.others.map((line): unknown => JSON.parse(line));
  assert.ok(typeof gap === "object" && gap !== null && "linuxguard" in gap);
  assert.deepEqual(gap.linuxguard, { loss: { reason: "truncated", ...losses.truncated } });
});

test("A spool that cannot be written keeps its batch and loses nothing once it can", async () => {
  writeFileSync(logFile, event(1));
  const collecting = new Collecting({ logFile, directory });
  await collecting.untilRead(event(1).length);
  // The spool's directory is no directory of ours any more.
  renameSync(directory, `${directory}.aside`);
  writeFileSync(directory, "");
  appendFileSync(logFile, event(2));
  await collecting.until("a refusal", () => collecting.collector.state.spool === "refused");
  appendFileSync(logFile, event(3));
  rmSync(directory);
  renameSync(`${directory}.aside`, directory);
  await collecting.until("a recovery", () => collecting.collector.state.spool === "writable");
  await collecting.untilRead(statSync(logFile).size);
  await collecting.stop();

  assert.deepEqual(readSpooled(directory).ids, idsOf([readFileSync(logFile)]));
  assert.deepEqual(collecting.collector.ledger().losses, {});
  assert.deepEqual(
    collecting.logged.map((line) => line.replace(/ \{.*/, "")),
    ["cannot write to the spool", "the spool takes batches again"],
  );
});

test("A collector reads no further than it can hold while the spool refuses", async () => {
  writeFileSync(logFile, event(1));
  const collecting = new Collecting({ logFile, directory });
  await collecting.untilRead(event(1).length);
  renameSync(directory, `${directory}.aside`);
  writeFileSync(directory, "");
  const many = Buffer.from(Array.from({ length: 60_000 }, (_, index) => event(index + 2)).join(""));
  appendFileSync(logFile, many);
  await collecting.until("a refusal", () => collecting.collector.state.spool === "refused");
  await sleep(300);
  const { read } = collecting.collector.ledger();
  await sleep(300);

  assert.deepEqual(collecting.collector.ledger().read, read);
  assert.ok(read.bytes < many.length, `${read.bytes} bytes were read`);
  rmSync(directory);
  renameSync(`${directory}.aside`, directory);
  await collecting.untilRead(statSync(logFile).size);
  await collecting.stop();
  assert.equal(new Set(readSpooled(directory).ids).size, 60_001);
  assert.equal(readdirSync(directory).filter((name) => name.endsWith(".spool")).length > 0, true);
});
