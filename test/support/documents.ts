import { createCore } from "#audit/core/core.ts";
import { AuditEngine } from "#audit/engine.ts";

/** Odd, so that pieces end anywhere in a line. */
const pieceBytes = 7_919;

/**
 * What the engine makes of a log that comes in pieces: documents as lines of NDJSON, with the records
 * as logged in all of them, or only in odd ones.
 */
export function renderDocuments(log: Uint8Array, records: "all" | "odd"): string {
  const parts: Buffer[] = [];
  const options = {
    hostKey: "host",
    envelope: "",
    enricher: undefined,
    records,
    recordBytes: 1_048_576,
    quarantineLines: 1_000,
  };
  const engine = new AuditEngine(createCore(), options, (documents) =>
    parts.push(Buffer.from(documents)),
  );
  for (let from = 0; from < log.length; from += pieceBytes) {
    engine.push(log.subarray(from, from + pieceBytes), 0);
  }
  engine.end(0);
  return Buffer.concat(parts).toString("utf8");
}

/** The documents of a log, with the records as logged in all of them. */
export function readDocuments(log: Uint8Array): readonly unknown[] {
  return parseDocuments(renderDocuments(log, "all"));
}

/** Reads lines of NDJSON. */
export function parseDocuments(text: string): readonly unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}
