import assert from "node:assert/strict";
import { test } from "node:test";
import type { Enricher } from "#model/enrich.ts";
import { runLog } from "#test/support/engine.ts";
import { fixtureLog } from "#test/support/fixture-logs.ts";

test("A document of a RAW log has the names that auditd did not write", () => {
  const first = firstDocument(fixtureLog("raw"), knowing({ 0: "root", 5001: "ada" }));

  assert.deepEqual(first.user, {
    id: "0",
    name: "root",
    audit: { id: "5001", name: "ada" },
  });
  assert.deepEqual(first.process.user, { id: "0", name: "root" });
  assert.equal(first.auditd.paths[0]?.owner, "root");
  assert.deepEqual(first.related.user, ["root", "ada"]);
});

test("A document of an ENRICHED log has auditd's names, whatever others say", () => {
  const log = fixtureLog("exec");

  const told = runLog(log, { enricher: knowing({ 0: "toor" }) });

  assert.equal(told.toString(), runLog(log, { enricher: knowing({}) }).toString());
});

test("A document of another node's event has no names of this host", () => {
  const log = fixtureLog("raw")
    .toString("latin1")
    .replaceAll(/^type=/gm, "node=other type=");

  const first = firstDocument(Buffer.from(log, "latin1"), knowing({ 0: "root" }));

  assert.deepEqual(first.user, { id: "0", audit: { id: "5001" } });
});

test("A record that accounts have changed has their names asked for again", () => {
  const record = (type: string) =>
    Buffer.from(
      `type=${type} msg=audit(1.000:1): pid=1 uid=0 auid=0 ses=1 msg='op=x id=7 res=success'\n`,
    );

  for (const [type, times] of [
    ["ADD_USER", 1],
    ["GRP_MGMT", 1],
    ["USER_LOGIN", 0],
  ] as const) {
    let invalidated = 0;
    const enricher = knowing({}, () => invalidated++);

    runLog(record(type), { enricher });

    assert.equal(invalidated, times, type);
  }
});

/** An enricher that knows users alone, by their numbers. */
function knowing(
  users: Readonly<Record<number, string>>,
  invalidate: () => void = () => undefined,
): Enricher {
  return {
    isOwn: (node) => node === "",
    observe: ({ pid, eventId }) => ({
      pid,
      entityId: eventId,
      fragment: `"pid":${pid}`,
      parent: undefined,
      previous: undefined,
      containerId: undefined,
      unit: undefined,
      isContained: false,
    }),
    names: { userName: (uid) => users[uid], groupName: () => undefined, invalidate },
  };
}

interface Shown {
  readonly user: unknown;
  readonly process: { readonly user: unknown };
  readonly related: { readonly user: unknown };
  readonly auditd: { readonly paths: readonly { readonly owner: string }[] };
}

function firstDocument(log: Uint8Array, enricher: Enricher): Shown {
  const [line = ""] = runLog(log, { enricher }).toString().split("\n");
  return JSON.parse(line);
}
