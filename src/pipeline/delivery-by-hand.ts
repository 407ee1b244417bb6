import { Failure } from "#base/failure.ts";
import { type BatchToCarry, type CarriedBatch, damaged, readExport } from "#ship/export-file.ts";
import { readCursor, writeCursor } from "#spool/cursor.ts";
import { chainHash, hashOf, parseFrameHeader } from "#spool/frame.ts";
import { readerStart } from "#spool/place.ts";
import { SpoolReader } from "#spool/reader.ts";
import type { Receipt } from "#wire/shapes.ts";
import { outgoingOf } from "./delivery-batch.ts";
import { consoleReader } from "./delivery-lag.ts";

/** Gives all batches that the console has not acknowledged, the oldest first, one at a time. */
export function* listUndelivered(
  directory: string,
): Generator<BatchToCarry & { readonly events: number }, void, undefined> {
  const from = readCursor(directory, consoleReader) ?? readerStart;
  let after = from.sequence;
  for (const batch of SpoolReader.open({ directory }).batches(from)) {
    yield { ...outgoingOf(batch), after, events: batch.count };
    after = batch.sequence;
  }
}

/**
 * Reads a file of batches, one at a time, and proves that they are as they were sealed, in their order.
 * Only once the last one was given is it proved that the file is whole. Throws `source.damaged`.
 */
export function* readCarried(fd: number): Generator<CarriedBatch, void, undefined> {
  let before: CarriedBatch | undefined;
  for (const batch of readExport(fd)) {
    const reason = disproof(batch, before);
    if (reason !== undefined) throw damaged(`batch ${batch.sequence}`, reason);
    yield batch;
    before = batch;
  }
}

/**
 * Moves the place of delivery to the batch that a receipt names; false if it is there or further on.
 * The receipt must be proved. Throws `source.damaged` if the batch is another one, or gone.
 */
export function acceptReceipt(directory: string, { sequence, hash }: Receipt): boolean {
  const from = readCursor(directory, consoleReader) ?? readerStart;
  if (sequence <= from.sequence) return false;
  for (const batch of SpoolReader.open({ directory }).batches(from)) {
    if (batch.sequence < sequence) continue;
    if (batch.sequence > sequence || batch.hash !== hash) break;
    writeCursor(directory, consoleReader, batch.cursor);
    return true;
  }
  throw new Failure("source.damaged", `Cannot take the receipt: batch ${sequence} is not here`, {
    hint: "The spool has shed it, or was made anew. Its place of delivery stays as it is.",
  });
}

/** Why a batch is not as it was sealed, or not where it belongs; `undefined` if it is. */
function disproof(batch: CarriedBatch, before: CarriedBatch | undefined): string | undefined {
  const header = Buffer.from(batch.seal, "base64");
  const seal = parseFrameHeader(header);
  const { sequence, previousHash, count, noteHash, body, hash, after } = batch;
  if (seal === undefined) return "its seal is damaged";
  const { sequence: sealed, previousHash: sealedPrevious, count: sealedCount } = seal;
  if (sealed !== sequence || sealedPrevious !== previousHash || sealedCount !== count) {
    return "its headers are not those of its seal";
  }
  if (before !== undefined && after !== before.sequence) {
    return `it follows batch ${before.sequence} where it should follow ${after}`;
  }
  if (sequence <= after) return `it cannot follow batch ${after}`;
  if (before?.sequence === sequence - 1 && before.hash !== previousHash) {
    return "it does not continue the batch before it";
  }
  const actual = chainHash(header, Buffer.from(noteHash, "hex"), hashOf(body)).toString("hex");
  return actual === hash ? undefined : "its bytes are not those that were sealed";
}
