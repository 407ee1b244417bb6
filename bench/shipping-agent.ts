import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Delivery } from "#pipeline/delivery.ts";
import { transportSettings } from "#ship/console-access.ts";
import { DeadLetters } from "#ship/dead-letters.ts";
import type { Identity } from "#ship/identity.ts";
import { Transport } from "#ship/transport.ts";
import { Spool } from "#spool/spool.ts";
import { spoolSettings } from "./shipping-spool.ts";

const counts = { lines: 0, bytes: 0 };
const access = { proxy: "", tlsMinimum: "1.3", pins: [], deadline: 30_000 } as const;

/** Delivers a spool from its beginning to its end, as the agent does, and ends. */
async function main([directory = "", identityFile = ""]: readonly string[]): Promise<void> {
  const identity = JSON.parse(readFileSync(identityFile, "utf8")) as Identity;
  rmSync(join(directory, "cursors"), { recursive: true, force: true });
  const spool = Spool.open({ directory, ...spoolSettings });
  const delivery = new Delivery({
    directory,
    spool,
    log: { error: complain, warn: complain, info: () => undefined, debug: () => undefined },
    deadLetters: new DeadLetters(join(directory, "dead-letter.ndjson")),
    identity: () => identity,
    createTransport: () => new Transport(transportSettings(access, identity, identity)),
    heartbeatMs: 60_000,
    spreadMs: 1_000,
    heartbeat: () => ({
      agent_version: "0.0.0",
      started_at: new Date().toISOString(),
      health: [],
      ledger: { read: counts, in_flight: counts, fates: {}, documents: 0, losses: {} },
      canary: { state: "off", sent: 0, seen: 0, missed: 0 },
    }),
    random: Math.random,
  });
  const stop = new AbortController();
  const running = delivery.run(stop.signal);
  while (delivery.status(Date.now()).lag.events > 0) await Promise.race([sleep(20), running]);
  stop.abort();
  await running;
  spool.close();
}

function complain(message: string, fields: object = {}): void {
  throw new Error(`${message} ${JSON.stringify(fields)}`);
}

void main(process.argv.slice(2));
