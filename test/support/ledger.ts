import assert from "node:assert/strict";
import type { Ledger, LineCount } from "#model/ledger.ts";

/** Requires that every line and byte read has one fate or is in flight. */
export function assertBalanced({ read, fates, inFlight }: Ledger): void {
  const sum = [inFlight, ...Object.values(fates)].reduce<LineCount>(
    (total, each) => ({ lines: total.lines + each.lines, bytes: total.bytes + each.bytes }),
    { lines: 0, bytes: 0 },
  );
  assert.deepEqual(sum, { lines: read.lines, bytes: read.bytes });
}
