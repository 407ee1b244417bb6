import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommand } from "#base/run-command.ts";
import { findWritable } from "#verify/find-writable.ts";
import { createHost, type Host } from "#verify/host.ts";

test("findWritable() knows nothing where the programs of the host cannot look as another account", async () => {
  // Busybox, as on Alpine: its setpriv cannot change accounts, its find does not ask the kernel.
  const busybox: Host = {
    ...createHost(),
    run: async (program, args) => {
      const limits = { timeoutMs: 10_000, maxBytes: 100_000 };
      const result = await runCommand("busybox", [program, ...args], limits);
      assert.ok(result !== undefined, "Cannot run busybox: apt-get install busybox");
      return { value: result };
    },
  };

  for (const uid of [0, 61_996]) {
    assert.deepEqual(await findWritable({ ...busybox, uid }, 61_996), {
      why: "find(1) or setpriv(1) here cannot look as the account",
    });
  }
});

test("findWritable() knows nothing of an account that is not there, nor of another's", async () => {
  const host = createHost();

  assert.deepEqual(await findWritable(host, undefined), { why: "there is no account linuxguard" });
  assert.deepEqual(await findWritable({ ...host, uid: 1_000 }, 61_996), {
    why: "only root may look as another account",
  });
});
