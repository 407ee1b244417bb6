import { parseHeader } from "#audit/decode/header.ts";
import { type RecordBody, tokeniseBody } from "#audit/decode/message.ts";
import type { RawField } from "#audit/decode/raw-field.ts";
import { latin1 } from "#audit/decode/scan.ts";
import { decodeEncoded } from "#audit/decode/value.ts";
import { recordTypeName, recordTypeNumber } from "#audit/tables/record-types.ts";
import type { Comparison } from "#test/audit/differential/difference.ts";
import { compareDocument } from "#test/audit/differential/document.ts";
import { meaningOf } from "#test/audit/differential/meaning.ts";
import type { OracleEvent, OracleField, OracleRecord } from "#test/oracle/auparse.ts";

/** What the comparison needs of our documents. */
export interface AuditDocument {
  readonly "@timestamp": string;
  readonly event: { readonly sequence?: number; readonly kind: string };
  readonly auditd?: {
    readonly node?: string;
    readonly part?: number;
    readonly record_types: readonly string[];
    readonly records: readonly DocumentRecord[];
  };
}

interface DocumentRecord {
  readonly type: string;
  readonly raw?: string;
  readonly line?: string;
  readonly base64?: string;
}

/** Our record, from the lossless block of its document. */
interface OurRecord {
  /** As logged. */
  readonly type: string;
  readonly body: Uint8Array;
}

/** Compares what auparse made of one log with our documents of it, and adds to the comparison. */
export function compareLog(
  name: string,
  oracle: readonly OracleEvent[],
  documents: readonly AuditDocument[],
  comparison: Comparison,
): void {
  const theirs = Map.groupBy(oracle, ({ node, sec, ms, serial }) =>
    renderKey(node, sec * 1_000 + ms, serial),
  );
  const events = documents.filter(({ event }) => event.kind !== "pipeline_error");
  const ours = Map.groupBy(events, (document) =>
    renderKey(
      document.auditd?.node ?? "",
      Date.parse(document["@timestamp"]),
      document.event.sequence ?? -1,
    ),
  );
  for (const key of new Set([...theirs.keys(), ...ours.keys()])) {
    compareEvent(`${name} ${key}`, theirs.get(key) ?? [], ours.get(key) ?? [], comparison);
  }
}

function renderKey(node: string, timeMs: number, serial: number): string {
  return `${node} ${timeMs}:${serial}`;
}

function compareEvent(
  event: string,
  theirs: readonly OracleEvent[],
  ours: readonly AuditDocument[],
  comparison: Comparison,
): void {
  comparison.events++;
  const oracleRecords = theirs.flatMap(({ records }) => records);
  const ourRecords = ours.flatMap(readRecords);
  const oracleTypes = oracleRecords.map(typeOf).join(" ");
  comparison.expect("event", {
    event,
    type: "",
    key: "",
    logged: oracleTypes,
    oracle: String(theirs.length),
    ours: String(ours.length),
  });
  comparison.expect("types", {
    event,
    type: "",
    key: "",
    logged: "",
    oracle: oracleTypes,
    ours: ourRecords.map(({ type }) => asNumbered(type)).join(" "),
  });
  const arch = /\barch=([\da-f]+)/.exec(oracleRecords.map(({ text }) => text).join("\n"))?.[1];
  for (const [index, record] of oracleRecords.entries()) {
    const our = ourRecords[index];
    if (our === undefined || asNumbered(our.type) !== typeOf(record)) continue;
    compareRecord(event, record, our, arch ?? "", comparison);
  }
  const [document] = ours;
  if (document !== undefined && ours.length === 1) {
    compareDocument(event, oracleRecords, document, comparison);
  }
}

function typeOf({ type, number }: OracleRecord): string {
  return asNumbered(type ?? String(number));
}

/** The same name for a type that was logged by name and one that was logged by number. */
function asNumbered(type: string): string {
  const number = recordTypeNumber(type);
  return number === undefined ? type : recordTypeName(number);
}

/** The records of a document, each with its body: of a line that came as a whole, what follows its header. */
function readRecords({ auditd }: AuditDocument): readonly OurRecord[] {
  return (auditd?.records ?? []).map(({ type, raw, line, base64 }) => {
    const bytes =
      base64 === undefined ? Buffer.from(raw ?? line ?? "") : Buffer.from(base64, "base64");
    const start = line === undefined ? 0 : (parseHeader(bytes)?.bodyStart ?? 0);
    return { type, body: bytes.subarray(start) };
  });
}

function compareRecord(
  event: string,
  record: OracleRecord,
  our: OurRecord,
  arch: string,
  comparison: Comparison,
): void {
  comparison.records++;
  const body = tokeniseBody(our.body);
  const names = new Map(
    body.trailer.map((field) => [field.key.toLowerCase(), latin1(decodeEncoded(field))] as const),
  );
  const context = { type: our.type, arch, names };
  const base = { event, type: our.type, logged: latin1(our.body) };
  const oracleFields = record.fields.filter(([name], index) => !isHeader(name, index));
  for (const [oracle, field] of align(oracleFields, fieldsOf(body))) {
    comparison.fields++;
    const key = oracle?.[0] ?? field?.key ?? "";
    if (oracle === undefined || field === undefined) {
      const sides = { oracle: renderOracle(oracle), ours: renderOurs(field) };
      comparison.expect("field", { ...base, key, ...sides });
      continue;
    }
    const ours = meaningOf(field, context);
    if (ours === undefined) continue;
    const theirs = key === "exit" ? withoutWords(oracle[2] ?? "") : (oracle[2] ?? "");
    comparison.expect("value", { ...base, key, logged: renderLogged(field), oracle: theirs, ours });
  }
}

function renderOracle(field: OracleField | undefined): string {
  return field === undefined ? "absent" : `${field[0]}=${field[1] ?? ""}`;
}

function renderOurs(field: RawField | undefined): string {
  return field === undefined ? "absent" : `${field.key}=${renderLogged(field)}`;
}

/** auparse says `ENOENT(No such file or directory)`, in the words of the C library. */
function withoutWords(meaning: string): string {
  return /^(E[A-Z\d]+)\(/.exec(meaning)?.[1] ?? meaning;
}

/** auparse counts the words of the header as fields: `node`, `type`. */
function isHeader(name: string, index: number): boolean {
  return index < 2 && (name === "node" || name === "type");
}

/** The fields in auparse's order: those inside `msg='…'` stand where it stood, which is the end. */
function fieldsOf(body: RecordBody): readonly RawField[] {
  return [...body.outer, ...body.inner];
}

function renderLogged({ value, form }: RawField): string {
  const text = latin1(value);
  switch (form) {
    case "bare":
      return text;
    case "quoted":
      return `"${text}"`;
    case "braced":
      return `{${text}}`;
    default:
      return form satisfies never;
  }
}

type Pair = readonly [OracleField | undefined, RawField | undefined];

/** Pairs equal fields of two lists in order; a field without a like in the other list stands alone. */
function align(theirs: readonly OracleField[], ours: readonly RawField[]): readonly Pair[] {
  const pairs: Pair[] = [];
  let next = 0;
  for (const oracle of theirs) {
    const found = ours.findIndex((field, index) => index >= next && isSame(oracle, field));
    if (found < 0) {
      pairs.push([oracle, undefined]);
      continue;
    }
    for (const field of ours.slice(next, found)) pairs.push([undefined, field]);
    pairs.push([oracle, ours[found]]);
    next = found + 1;
  }
  for (const field of ours.slice(next)) pairs.push([undefined, field]);
  return pairs;
}

function isSame([name, value]: OracleField, field: RawField): boolean {
  return name === field.key && (value ?? "") === renderLogged(field);
}
