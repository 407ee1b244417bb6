import { test } from "node:test";
import { endureChaos } from "#test/support/delivering-chaos.ts";

test("Delivery loses and doubles nothing in ten minutes, and its memory stays as it is", async (context) => {
  await endureChaos(context, 600);
});
