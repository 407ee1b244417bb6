import { randomFillSync } from "node:crypto";
import { Spool } from "#spool/spool.ts";

/** How the spool that is shipped is opened. */
export const spoolSettings = {
  maxBytes: 8_000_000_000,
  segmentBytes: 16 * 1_048_576,
  freeFloorBytes: 0,
  compressionLevel: 1,
};

const batchBytes = 1_048_576;
const eventsPerBatch = 1_000;

/**
 * Fills a spool with batches of 1 MiB, as the agent seals them when it has much to read; an eighth of
 * each cannot be compressed, which is what is left of documents, too.
 */
export function fillSpool(directory: string, sizeBytes: number): void {
  const spool = Spool.open({ directory, ...spoolSettings });
  const documents = Buffer.alloc(batchBytes, " ");
  const note = Buffer.alloc(0);
  while (spool.sizeBytes < sizeBytes) {
    randomFillSync(documents, 0, batchBytes / 8);
    spool.append({ documents, count: eventsPerBatch, note });
  }
  spool.close();
}
