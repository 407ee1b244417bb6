import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import type { Ledger } from "#model/ledger.ts";
import { type Note, parseNote } from "#pipeline/note.ts";
import { Seal } from "#pipeline/seal.ts";
import { SpoolReader } from "#spool/reader.ts";

/** What a spool holds, as the chaos and collector tests count it. */
export interface Spooled {
  readonly documents: number;
  /** Documents whose event id another one has. */
  readonly doubled: number;
  /** Event ids in the order of the spool. */
  readonly ids: readonly string[];
  readonly serials: ReadonlySet<number>;
  /** Stamps of events, as auditd writes them. */
  readonly stamps: ReadonlySet<string>;
  /** Records in documents of kind `event`, and the sum of the CRC-32 of the lines they make. */
  readonly lines: number;
  readonly checksum: number;
  /** Documents that are no events. */
  readonly others: readonly string[];
  /** What the newest batch carries. */
  readonly note: Note | undefined;
  readonly batches: number;
  readonly noteBytes: number;
}

interface EventDocument {
  readonly "@timestamp": string;
  readonly event: { readonly id: string; readonly kind: string; readonly sequence: number };
  readonly auditd?: {
    readonly records?: readonly { readonly type: string; readonly raw: string }[];
  };
}

/** Reads all of a spool and counts what is in it. */
export function readSpooled(directory: string): Spooled {
  const ids: string[] = [];
  const others: string[] = [];
  const serials = new Set<number>();
  const stamps = new Set<string>();
  const sum = { lines: 0, checksum: 0, batches: 0, noteBytes: 0 };
  let note: Uint8Array | undefined;
  for (const batch of SpoolReader.open({ directory }).batches()) {
    note = batch.note();
    sum.batches++;
    sum.noteBytes += note.length;
    for (const line of Buffer.from(batch.documents()).toString().split("\n")) {
      if (line === "") continue;
      const document = JSON.parse(line) as EventDocument;
      ids.push(document.event.id);
      if (document.event.kind !== "event") others.push(line);
      else {
        const stamp = stampOf(document);
        serials.add(document.event.sequence);
        stamps.add(stamp);
        countLines(document, stamp, sum);
      }
    }
  }
  return {
    ...sum,
    documents: ids.length,
    doubled: ids.length - new Set(ids).size,
    ids,
    serials,
    stamps,
    others,
    note: note === undefined ? undefined : parseNote(note, sealOf(directory)),
  };
}

/** The seal of the agent whose spool it is, where it is one's. */
function sealOf(directory: string): Seal | undefined {
  const path = join(dirname(directory), "installation.key");
  if (!existsSync(path)) return undefined;
  return new Seal(Buffer.from(readFileSync(path, "latin1").trim(), "hex"));
}

function stampOf(document: EventDocument): string {
  const seconds = (Date.parse(document["@timestamp"]) / 1_000).toFixed(3);
  return `${seconds}:${document.event.sequence}`;
}

/** The lines that a document was made of are in it: header from its own fields, body as logged. */
function countLines(
  document: EventDocument,
  stamp: string,
  sum: { lines: number; checksum: number },
): void {
  for (const { type, raw } of document.auditd?.records ?? []) {
    sum.lines++;
    const line = Buffer.from(`type=${type} msg=audit(${stamp}): ${raw}\n`);
    sum.checksum = (sum.checksum + crc32(line)) >>> 0;
  }
}

/** Lines that were read and went anywhere but into an event, as far as the books tell. */
export function countedLines({ fates }: Ledger): number {
  const { delivered, ...others } = fates;
  return Object.values(others).reduce((lines, fate) => lines + fate.lines, 0);
}
