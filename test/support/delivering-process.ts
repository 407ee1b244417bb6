import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Identity } from "#ship/identity.ts";
import { Delivering } from "#test/support/delivering.ts";

// A program that puts events into a spool and delivers them, until SIGTERM or something worse; it says
// on stdout how it stands.
const [folder = "", identityFile = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  const identity = JSON.parse(readFileSync(identityFile, "utf8")) as Identity;
  const delivering = new Delivering(folder, identity, {
    maxBytes: 16 * 1_048_576,
    segmentBytes: 262_144,
  });
  let isStopping = false;
  process.once("SIGTERM", () => {
    isStopping = true;
  });
  delivering.start({ spreadMs: 500, heartbeatMs: 500 });
  while (!isStopping) {
    delivering.tryAppend(1 + Math.floor(Math.random() * 40));
    tell(delivering);
    // As often as an agent seals one that has much to read.
    await sleep(100);
  }
  await delivering.untilDelivered();
  tell(delivering);
  await delivering.stop();
  delivering.spool.close();
}

function tell({ spool, status }: Delivering): void {
  const rssBytes = process.memoryUsage().rss;
  const { head, sizeBytes } = spool;
  const told = { documents: head.documents, sizeBytes, rssBytes, lag: status.lag.events };
  process.stdout.write(`${JSON.stringify({ ...told, shed: status.shed })}\n`);
}

void main();
