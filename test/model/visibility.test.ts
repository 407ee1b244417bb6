import assert from "node:assert/strict";
import { test } from "node:test";
import { SightLog } from "#agent/sight-log.ts";
import { type Ledger, lineFates } from "#model/ledger.ts";
import { sightOf, visibilityOf } from "#model/visibility.ts";

const empty: Ledger = {
  read: { lines: 0, bytes: 0 },
  inFlight: { lines: 0, bytes: 0 },
  fates: Object.fromEntries(
    lineFates.map((fate) => [fate, { lines: 0, bytes: 0 }]),
  ) as unknown as Ledger["fates"],
  documents: 0,
  losses: {},
};
const at = { first: "1.000:1", last: "1.000:1" };

test("visibilityOf() is undefined where there was nothing, and 1 where nothing was missed", () => {
  assert.equal(visibilityOf(sightOf(empty)), undefined);
  assert.equal(visibilityOf(sightOf({ ...empty, documents: 7 })), 1);
});

test("sightOf() counts every kind of loss, in events or by the bytes that events had so far", () => {
  const losses = {
    serial_gap: { count: 3, events: 3, bytes: 0, ...at },
    rotated_out: { count: 1, events: 0, bytes: 1_050, ...at },
  };
  const fates = { ...empty.fates, quarantine_full: { lines: 2, bytes: 9 } };

  const sight = sightOf({
    ...empty,
    read: { lines: 9, bytes: 1_000 },
    documents: 10,
    fates,
    losses,
  });

  assert.deepEqual(sight, { delivered: 10, missed: 3 + 11 + 2 });
  assert.equal(visibilityOf(sight), 10 / 26);
});

test("SightLog tells of the last hour, and of no more", () => {
  const log = new SightLog();
  const minute = 60_000;

  log.lastHour({ delivered: 100, missed: 50 }, 0);
  const first = log.lastHour({ delivered: 110, missed: 50 }, 30 * minute);
  for (let n = 31; n < 95; n++) log.lastHour({ delivered: 110, missed: 60 }, n * minute);
  const later = log.lastHour({ delivered: 120, missed: 60 }, 95 * minute);

  assert.deepEqual(first, { delivered: 10, missed: 0 });
  assert.deepEqual(later, { delivered: 10, missed: 0 });
});
