import type { OutgoingBatch } from "#ship/shipper.ts";
import type { SealedBatch } from "#spool/segment.ts";

/** A batch of the spool as it is sent: the same bytes, and what its headers say of them. */
export function outgoingOf(batch: SealedBatch): OutgoingBatch {
  const { sequence, hash, previousHash, count, body } = batch;
  const { header, noteHash } = batch.seal();
  const seal = Buffer.from(header).toString("base64");
  const documents = () => batch.documents();
  return { sequence, hash, previousHash, count, seal, noteHash, body, documents };
}
