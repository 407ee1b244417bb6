import { test } from "node:test";
import { endureChaos } from "#test/support/delivering-chaos.ts";

test("Delivery loses and doubles nothing, whatever happens to console, network, disk and agent", async (context) => {
  await endureChaos(context, 60);
});
