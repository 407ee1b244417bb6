import { appendFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Collecting } from "#test/support/collecting.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { readSpooled } from "#test/support/spooled.ts";

// A program for a small file system of its own: collects until its spool's disk is full, makes room, and
// tells on stdout what became of the events. The log lies elsewhere.
const [disk = "", folder = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  const logFile = join(folder, "audit.log");
  const filler = join(disk, "filler");
  writeFileSync(filler, Buffer.alloc(1_500_000));
  writeFileSync(logFile, "");
  const collecting = new Collecting({ logFile, directory: join(disk, "spool") });
  for (let part = 0; collecting.collector.state.spool === "writable"; part++) {
    appendFileSync(logFile, generateLog({ seed: part, events: 100, nodes: [`n${part}`] }));
    await collecting.until("what was written", () => {
      const { ledger, spool } = collecting.collector.state;
      return spool === "refused" || ledger.read.bytes === statSync(logFile).size;
    });
  }
  const refusedAt = collecting.spool.head.documents;
  appendFileSync(logFile, generateLog({ seed: 1_000, events: 100, nodes: ["last"] }));
  rmSync(filler);
  await collecting.untilRead(statSync(logFile).size);
  await collecting.stop();
  const { ids, doubled, lines } = readSpooled(join(disk, "spool"));
  const { read, inFlight, losses } = collecting.collector.ledger();
  const { serial_gap: _estimate, ...lost } = losses;
  const sum = { refusedAt, documents: ids.length, doubled, lines, read, inFlight, lost };
  process.stdout.write(`${JSON.stringify(sum)}\n`);
}

void main();
