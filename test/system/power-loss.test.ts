import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { footprint } from "#product/footprint.ts";
import { verifySpool } from "#spool/verify.ts";
import { suites } from "#test/support/debian-root.ts";
import { Host } from "./host.ts";
import { startMarks } from "./marks.ts";

const { service } = footprint;

const [suite] = suites;

describe(`On ${suite.release}, when the power goes while events come`, () => {
  let host: Host;

  before(async () => {
    host = await Host.at(suite, "installed");
    await host.caughtUp();
  });
  after(async () => {
    await host[Symbol.asyncDispose]();
  });

  for (const [time, secondsBefore] of [
    ["first", 2],
    ["second", 7],
  ] as const) {
    test(`for the ${time} time, what was acknowledged is kept, and all that the log kept is told once`, async (t) => {
      await startMarks(host.vm);
      await sleep(secondsBefore * 1_000);
      const { spool } = await host.status();
      const told = await host.told();
      const acknowledged = told.slice(0, spool.documents).map(({ event }) => event.id);

      await host.vm.cut();
      await host.vm.start();

      const now = (await host.proveComplete()).map(({ event }) => event.id);
      assert.deepEqual(now.slice(0, acknowledged.length), acknowledged);
      const { ledger } = await host.status();
      t.diagnostic(
        `${acknowledged.length} acknowledged, ${now.length} told: ${JSON.stringify(ledger.losses)}`,
      );
      await host.vm.must(`systemctl stop ${service}`);
      const { broken, tornBytes } = verifySpool(await host.copySpool());
      assert.equal(broken, undefined);
      assert.equal(tornBytes, 0);
      await host.vm.must(`systemctl start ${service}`);
      await host.caughtUp();
    });
  }
});
