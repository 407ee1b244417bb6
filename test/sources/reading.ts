import { setTimeout as sleep } from "node:timers/promises";
import type { AuditLog, SourceItem } from "#sources/audit-log.ts";
import type { LogPosition } from "#sources/position.ts";

/** What reading a log gave, in words: `"text"`, `|` for a boundary, `gap REASON BYTES`, `lost CODE`. */
export interface Reading {
  readonly told: readonly string[];
  /** All bytes in one. */
  readonly text: string;
  /** The place after the last item that had one. */
  readonly position: LogPosition | undefined;
}

/** Reads until there is nothing new. */
export function readAll(log: AuditLog): Reading {
  const told: string[] = [];
  const texts: string[] = [];
  let text: string | undefined;
  let position: LogPosition | undefined;
  for (let item = log.read(); item !== undefined; item = log.read()) {
    if ("position" in item) position = item.position;
    if (item.kind === "bytes") {
      const more = Buffer.from(item.bytes).toString("latin1");
      texts.push(more);
      // Where one block ends and the next begins says nothing.
      if (text !== undefined) told.pop();
      text = (text ?? "") + more;
      told.push(JSON.stringify(text));
    } else {
      text = undefined;
      told.push(describe(item));
    }
  }
  return { told, text: texts.join(""), position };
}

/** Reads and waits in turn for so long. */
export async function readFor(log: AuditLog, durationMs: number): Promise<Reading> {
  const readings = [readAll(log)];
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    await sleep(10);
    readings.push(readAll(log));
  }
  return joinReadings(readings);
}

/** Makes one of readings that followed each other. */
export function joinReadings(readings: readonly Reading[]): Reading {
  return {
    told: readings.flatMap(({ told }) => told),
    text: readings.map(({ text }) => text).join(""),
    position: readings.findLast(({ position }) => position !== undefined)?.position,
  };
}

function describe(item: Exclude<SourceItem, { kind: "bytes" }>): string {
  switch (item.kind) {
    case "boundary":
      return "|";
    case "gap":
      return `gap ${item.reason} ${item.lostBytes ?? "?"}`;
    case "access":
      return `${item.state} ${item.code}`;
    default:
      return item satisfies never;
  }
}
