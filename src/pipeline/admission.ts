import type { LossEntry } from "#model/ledger.ts";
import { type Severity, severities } from "#model/severity.ts";
import { severityOf } from "./severity.ts";

/** The share of the spool's budget that undelivered events may fill before those of low severity are shed. */
export const pressedShare = 0.625;
/** The share from which on ordinary ones are shed, too: the rest is for those of high severity. */
const crowdedShare = 0.75;

const idMember = Buffer.from('"event":{"id":"');
const quotationMark = 0x22;
const lineFeed = 0x0a;

/** The least severity that is taken when undelivered events fill such a share of the budget. */
export function leastSeverity(share: number): Severity {
  if (share < pressedShare) return "low";
  return share < crowdedShare ? "ordinary" : "high";
}

/** Hands on the documents that are severe enough, one at a time; gives the count of those that are not. */
export function admit(
  documents: Uint8Array,
  least: Severity,
  take: (document: Uint8Array) => void,
): LossEntry | undefined {
  const all = Buffer.from(documents.buffer, documents.byteOffset, documents.length);
  let shed: LossEntry | undefined;
  for (let from = 0; from < all.length; ) {
    const end = all.indexOf(lineFeed, from) + 1 || all.length;
    const document = all.subarray(from, end);
    from = end;
    if (severities.indexOf(severityOf(document)) >= severities.indexOf(least)) take(document);
    else shed = withOneMore(shed, document);
  }
  return shed;
}

function withOneMore(shed: LossEntry | undefined, document: Buffer): LossEntry {
  const at = document.indexOf(idMember) + idMember.length;
  const id = document.toString("latin1", at, document.indexOf(quotationMark, at));
  const count = (shed?.count ?? 0) + 1;
  const bytes = (shed?.bytes ?? 0) + document.length;
  return { count, events: count, bytes, first: shed?.first ?? id, last: id };
}
