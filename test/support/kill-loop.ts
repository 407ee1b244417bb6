import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "#base/failure.ts";
import { readCursor, writeCursor } from "#spool/cursor.ts";
import type { BatchContent } from "#spool/frame.ts";
import { readerStart } from "#spool/place.ts";
import { Spool, type SpoolSettings } from "#spool/spool.ts";
import { verifySpool } from "#spool/verify.ts";

/** A small spool whose every part is at work within a few batches. */
export const smallSpool: Omit<SpoolSettings, "directory"> = {
  maxBytes: 65_536,
  segmentBytes: 14_000,
  freeFloorBytes: 0,
  compressionLevel: 1,
};

/** What a writer tells about its work, one line each. */
export type Report = (line: string) => void;

const reader = "ship";

/** Makes the path of a spool in a temporary folder, which goes when the test ends. */
export function temporarySpool(context: { after(undo: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "spool-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "spool");
}

/** The `n`th batch of every test: the number says all, so that what comes back can be proven. */
export function batchOf(n: number, fillerBytes = 8_000): BatchContent {
  const count = (n % 3) + 1;
  const lines = Array.from({ length: count }, (_, part) => {
    const filler = noise(`${n}.${part}`, fillerBytes / count);
    return `${JSON.stringify({ batch: n, part, filler })}\n`;
  });
  const note = Buffer.from(JSON.stringify({ next: n + 1 }));
  return { documents: Buffer.from(lines.join("")), count, note };
}

/** Number of the batch that comes after what a spool holds. */
export function nextBatch(spool: Spool): number {
  if (spool.note === undefined) return 0;
  const note: unknown = JSON.parse(Buffer.from(spool.note).toString());
  assert.ok(typeof note === "object" && note !== null && "next" in note);
  return Number(note.next);
}

/** Appends batches up to a number, as the pipeline does: what fails is tried again; a reader follows. */
export async function writeBatches(
  directory: string,
  until: number,
  report: Report = () => {},
): Promise<void> {
  const spool = await patiently(() => Spool.open({ directory, ...smallSpool }), report);
  for (let n = nextBatch(spool); n < until; n += 1) {
    const place = await patiently(() => spool.append(batchOf(n)), report);
    report(`appended ${n} ${place.sequence} ${place.hash}`);
    if (n % 4 === 3) await patiently(() => ship(spool, directory, report), report);
  }
  report(`losses ${JSON.stringify(spool.losses)}`);
  spool.close();
}

/** Proves what a spool promises, whatever was done to its writer. Reads the writer's reports. */
export function checkSpool(directory: string, reports: string): void {
  const spool = Spool.open({ directory, ...smallSpool });
  const held: number[] = [];
  for (const batch of spool.reader().batches()) {
    const n = Number(/"batch":(\d+)/.exec(Buffer.from(batch.documents()).toString())?.[1]);
    assert.deepEqual(Buffer.from(batch.documents()), batchOf(n).documents, `batch ${n} as written`);
    held.push(n);
  }
  const oldest = held[0] ?? 0;
  assert.deepEqual(
    held,
    Array.from(held, (_, index) => oldest + index),
    "no batch lost or doubled",
  );
  assert.equal(nextBatch(spool), (held.at(-1) ?? -1) + 1, "the note is the newest batch's");
  const acknowledged = [...reports.matchAll(/^appended (\d+) (\d+) (\w+)$/gm)].at(-1);
  if (acknowledged !== undefined) {
    assert.ok((held.at(-1) ?? -1) >= Number(acknowledged[1]), "what was acknowledged is there");
  }
  checkCursor(spool, directory, reports);
  spool.close();
  assert.equal(verifySpool(directory).broken, undefined, "the chain holds");
  assert.equal(verifySpool(directory).tornBytes, 0);
  assert.ok(spool.sizeBytes <= smallSpool.maxBytes, "the budget holds");
}

function checkCursor(spool: Spool, directory: string, reports: string): void {
  const cursor = readCursor(directory, reader);
  const saved = [...reports.matchAll(/^shipped (\d+)$/gm)].at(-1)?.[1];
  if (saved !== undefined)
    assert.ok((cursor?.sequence ?? 0) >= Number(saved), "the cursor is kept");
  let last = cursor ?? readerStart;
  let documents = last.documents;
  for (const batch of spool.reader().batches(last)) {
    documents += batch.count;
    last = batch.cursor;
  }
  const lost = Object.values(last.losses).reduce((sum, { events }) => sum + events, 0);
  const lostBefore = Object.values(cursor?.losses ?? {}).reduce(
    (sum, loss) => sum + loss.events,
    0,
  );
  assert.equal(documents + lost - lostBefore, spool.head.documents, "read + lost = appended");
}

function ship(spool: Spool, directory: string, report: Report): void {
  let cursor = readCursor(directory, reader) ?? readerStart;
  for (const batch of spool.reader().batches(cursor)) cursor = batch.cursor;
  writeCursor(directory, reader, cursor);
  report(`shipped ${cursor.sequence}`);
}

/** Does what may fail for want of space or by a sick disk until it is done, at most 20 times. */
async function patiently<T>(act: () => T, report: Report): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "spool.unusable") throw error;
      if (attempt === 20) throw error;
      report(`failed ${error.message}`);
    }
    await sleep(5);
  }
}

/** Text that hardly compresses, the same each time. */
function noise(seed: string, length: number): string {
  let text = "";
  for (let n = 0; text.length < length; n += 1) {
    text += createHash("sha512").update(`${seed}.${n}`).digest("base64");
  }
  return text.slice(0, length);
}
