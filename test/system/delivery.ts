import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConsoleStatus } from "#model/console.ts";
import { identity } from "#product/identity.ts";
import { version } from "#product/version.ts";
import { GuestConsole } from "./guest-console.ts";
import type { Host } from "./host.ts";

const waitMs = 300_000;

/**
 * Installs the package anew on a host from which it was removed, with a token that debconf was given
 * and an authority of the console's own, and proves that the host is let in, that every event is
 * delivered once, that nothing keeps the token, and that the certificate is renewed.
 */
export async function proveDelivery(host: Host, context: TestContext): Promise<void> {
  const { vm } = host;
  const console = await GuestConsole.start(vm);
  const { url, secret } = await console.told();
  const settings = `[console]\\nurl = ${url}\\nca_file = ${console.authorityFile}`;
  await vm.must(`sed -i '/^url = /d; s|^\\[console\\]$|${settings}|' ${identity.configFile}
printf 'linuxguard linuxguard/enrolment-token password %s\\n' '${secret}' | debconf-set-selections
printf '%s\\n' '${secret}' >/root/secret`);

  await host.install(version);
  const first = await until(host, "the host is let in", ({ state }) => state === "connected");
  const renewed = await until(host, "the certificate is renewed", ({ state, notAfter }) => {
    return state === "connected" && notAfter !== first.notAfter;
  });
  await host.caughtUp();
  await until(host, "all is delivered", ({ lag }) => lag.events === 0);
  const status = await vm.must("linuxguard status");
  const kept = await vm.run("grep -rlF -f /root/secret /etc /var");
  const { agents } = await console.told();

  for (const line of status.trimEnd().split("\n")) context.diagnostic(line);
  assert.match(status, new RegExp(`^console +connected, ${url} as ${first.agentId},`, "m"));
  assert.equal(renewed.agentId, first.agentId);
  assert.deepEqual([kept.status, kept.stdout], [1, ""], "what keeps the token");
  const { documents } = (await host.status()).spool;
  context.diagnostic(`of ${documents} events in the spool: ${JSON.stringify(agents)}`);
  assert.deepEqual(
    agents.map(({ agentId, missingEvents, repeatedEvents }) => [
      agentId,
      missingEvents,
      repeatedEvents,
    ]),
    [[first.agentId, 0, 0]],
  );
  assert.ok((agents[0]?.heartbeats ?? 0) > 0 && (agents[0]?.events ?? 0) > 0);
  await vm.must("rm /root/secret");
}

async function until(
  host: Host,
  what: string,
  holds: (status: ConsoleStatus) => boolean,
): Promise<ConsoleStatus> {
  for (const end = performance.now() + waitMs; performance.now() < end; await sleep(2_000)) {
    const { console } = await host.status();
    if (holds(console)) return console;
  }
  const { console } = await host.status();
  throw new Error(`Waited in vain until ${what}: ${JSON.stringify(console)}`);
}
