import fc from "fast-check";
import { eventRecords, type GeneratedRecord } from "#test/support/generated-records.ts";

/** How a generated log looks. */
export interface GeneratedLogOptions {
  readonly seed: number;
  readonly events: number;
  /** The values of `node=`; an empty one is none. Events of different nodes may share their stamp. */
  readonly nodes: readonly string[];
}

/** One event: its node, its stamp and its records, each a type and a body. */
interface GeneratedEvent {
  readonly node: string;
  readonly records: readonly GeneratedRecord[];
  /** Milliseconds and serials since the event before. */
  readonly afterMs: number;
  readonly afterSerials: number;
}

/**
 * Writes a log by the grammar of kernel and auditd: events of many kinds whose records interleave,
 * with and without trailer, with every value that must be hex in hex, and EXECVE over several
 * records. The same seed gives the same bytes.
 */
export function generateLog({ seed, events, nodes }: GeneratedLogOptions): Buffer {
  const generated = fc.sample(arbitraryEvent(nodes), { seed, numRuns: events });
  const picks = fc.sample(fc.nat({ max: 3 }), { seed, numRuns: events * 40 });
  let timeMs = 1_700_000_000_000;
  let serial = 1_000;
  const used = new Set<string>();
  const open: string[][] = [];
  const lines: string[] = [];
  const waiting = generated.map((event) => {
    timeMs += event.afterMs;
    serial += event.afterSerials;
    // Only events of different nodes may have one stamp.
    if (used.has(`${event.node} ${serial}`)) serial++;
    used.add(`${event.node} ${serial}`);
    return renderLines(event, timeMs, serial);
  });
  for (let turn = 0; waiting.length > 0 || open.length > 0; turn++) {
    const next = open.length < 4 ? waiting.shift() : undefined;
    if (next !== undefined) open.push(next);
    const at = (picks[turn % picks.length] ?? 0) % open.length;
    const line = open[at]?.shift();
    if (line !== undefined) lines.push(line);
    if (open[at]?.length === 0) open.splice(at, 1);
  }
  return Buffer.from(lines.join(""), "latin1");
}

function renderLines({ node, records }: GeneratedEvent, timeMs: number, serial: number): string[] {
  const prefix = node === "" ? "" : `node=${node} `;
  const stamp = `${Math.floor(timeMs / 1_000)}.${String(timeMs % 1_000).padStart(3, "0")}:${serial}`;
  return records.map(({ type, body }) => `${prefix}type=${type} msg=audit(${stamp}): ${body}\n`);
}

function arbitraryEvent(nodes: readonly string[]): fc.Arbitrary<GeneratedEvent> {
  return fc.record({
    node: fc.constantFrom(...nodes),
    records: eventRecords,
    afterMs: fc.constantFrom(0, 0, 1, 9),
    afterSerials: fc.nat({ max: 2 }),
  });
}
