/** What a document says of a record as logged. */
interface LoggedRecord {
  readonly type: string;
  readonly raw?: string;
  readonly line?: string;
  readonly base64?: string;
}

/** The parts of a document that its lines come back from. */
interface LosslessDocument {
  readonly "@timestamp": string;
  readonly event: { readonly sequence: number; readonly kind: string; readonly original?: string };
  readonly auditd?: { readonly node?: string; readonly records?: readonly LoggedRecord[] };
  readonly linuxguard?: { readonly original_base64?: string };
}

/** Gives back the lines of the log that a document was made of, as bytes in latin1. */
export function rebuildLines(document: LosslessDocument): readonly string[] {
  const { event, auditd, linuxguard } = document;
  if (event.kind === "pipeline_error") {
    const base64 = linuxguard?.original_base64;
    const bytes =
      base64 === undefined ? Buffer.from(event.original ?? "") : Buffer.from(base64, "base64");
    return [bytes.toString("latin1")];
  }
  const node = auditd?.node === undefined ? "" : `node=${auditd.node} `;
  const timeMs = Date.parse(document["@timestamp"]);
  const seconds = Math.floor(timeMs / 1_000);
  const stamp = `${seconds}.${String(timeMs - seconds * 1_000).padStart(3, "0")}:${event.sequence}`;
  return (auditd?.records ?? []).map((record) =>
    record.line === undefined
      ? `${node}type=${record.type} msg=audit(${stamp}): ${bytesOf(record, record.raw)}`
      : bytesOf(record, record.line),
  );
}

function bytesOf({ base64 }: LoggedRecord, text = ""): string {
  return (base64 === undefined ? Buffer.from(text) : Buffer.from(base64, "base64")).toString(
    "latin1",
  );
}
