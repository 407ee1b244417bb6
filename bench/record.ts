import { createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, rename, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startAuditd } from "#test/support/auditd.ts";
import { startWorkload, workloadRules } from "#test/support/workload.ts";

/**
 * Records a log of real auditd under a mixed workload, in one file without rotation:
 * `node bench/record.ts --bytes 260MB --out bench/.cache/audit.log [--seconds 360]`.
 * Needs root. Exits with 1 if the kernel lost a record.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      bytes: { type: "string", default: "260MB" },
      out: { type: "string", default: "bench/.cache/audit.log" },
      seconds: { type: "string", default: "360" },
    },
  });
  const started = Date.now();
  const out = resolve(values.out);
  const lost = await record(out, parseMegabytes(values.bytes), Number(values.seconds));
  const { records, events } = await count(out);
  const { size } = await stat(out);
  const seconds = ((Date.now() - started) / 1_000).toFixed(0);
  process.stdout.write(
    `${values.out}: ${size} bytes, ${records} records, ${events} events, ${lost} lost, ${seconds} s\n`,
  );
  if (lost > 0) process.exitCode = 1;
}

/** Records the log and returns how many records the kernel lost. */
async function record(out: string, bytes: number, seconds: number): Promise<number> {
  await using auditd = await startAuditd({
    maxLogFileAction: "IGNORE",
    backlogLimit: 65_536,
    flush: "NONE",
  });
  await auditd.auditctl("--backlog_wait_time", "60000");
  await auditd.rules(workloadRules(auditd.folder));
  const workload = startWorkload(auditd.folder, [
    "commands",
    "commands",
    "packages",
    "accounts",
    "files",
    "sockets",
  ]);
  const deadline = Date.now() + seconds * 1_000;
  try {
    while ((await stat(auditd.logFile)).size < bytes) {
      if (Date.now() > deadline) throw new Error(`Recorded too little in ${seconds} s`);
      await sleep(200);
    }
  } finally {
    await workload.stop();
  }
  await auditd.deleteRules();
  await auditd.settle();
  const status = await auditd.status();
  await auditd.auditctl("--backlog_wait_time", "15000");
  await mkdir(dirname(out), { recursive: true });
  await copyFile(auditd.logFile, `${out}.part`);
  await chmod(`${out}.part`, 0o644);
  await rename(`${out}.part`, out);
  return status.lost ?? 0;
}

/** Counts the records of a log, and its events by their stamps. */
async function count(path: string): Promise<{ records: number; events: number }> {
  const stamps = new Set<string>();
  let records = 0;
  for await (const line of createInterface({ input: createReadStream(path, "latin1") })) {
    records += 1;
    stamps.add(line.slice(line.indexOf("("), line.indexOf(")")));
  }
  return { records, events: stamps.size };
}

/** Reads `260MB` as bytes. */
function parseMegabytes(text: string): number {
  const digits = /^(?<number>\d+)MB$/.exec(text)?.groups?.number;
  if (digits === undefined) throw new Error(`Cannot read --bytes: current value is "${text}"`);
  return Number(digits) * 1_000_000;
}

void main();
