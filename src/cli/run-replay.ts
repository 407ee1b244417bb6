import { randomBytes } from "node:crypto";
import { createCore } from "#audit/core/core.ts";
import { exitCodes } from "#base/failure.ts";
import { HostEnricher } from "#enrich/host-enricher.ts";
import type { Ledger } from "#model/ledger.ts";
import { replay } from "#pipeline/replay.ts";
import { createRecordRedactor } from "#redact/record-redactor.ts";
import { Redactor } from "#redact/redactor.ts";
import { type Handler, type Io, textOption } from "./command.ts";
import { openOutput } from "./output-file.ts";
import { ProgressBar } from "./progress-bar.ts";

/** Turns log files into documents, without an agent or a spool. */
export const runReplay: Handler = async (invocation, io) => {
  const records = textOption(invocation, "records");
  const output = openOutput(textOption(invocation, "output"));
  const bar = io.stderr.isTerminal ? new ProgressBar(io.now) : undefined;
  let ledger: Ledger;
  try {
    ledger = await replay(invocation.arguments, {
      core: createCore(),
      engine: {
        hostKey: "replay",
        envelope: "",
        enricher: new HostEnricher({ bootId: "" }),
        records: records === "odd" || records === "none" ? records : "all",
        recordBytes: 65_536,
        quarantineLines: Number.POSITIVE_INFINITY,
        redactor: invocation.options.has("redact")
          ? createRecordRedactor(new Redactor(randomBytes(32)))
          : undefined,
      },
      sink: (documents) => output.take(documents),
      ready: async () => await output.ready(),
      onProgress: (progress) => {
        const line = bar?.render(progress);
        if (line !== undefined) void io.stderr.write(line);
      },
    });
  } finally {
    // What came of the log before a failure is written, too.
    await output.end();
  }
  if (bar !== undefined) await io.stderr.write(bar.clear());
  return await report(ledger, io);
};

/** Damage is told in one line and by the exit code. */
async function report({ fates }: Ledger, io: Io): Promise<number> {
  const { quarantined, overlong, event_oversize: oversize } = fates;
  if (quarantined.lines === 0 && overlong.bytes === 0 && oversize.lines === 0) return 0;
  const counts = [
    `${quarantined.lines} lines are no audit records (first: ${quarantined.first ?? "none"})`,
    `${oversize.lines} records did not fit into their events`,
    `${overlong.bytes} bytes are past the longest line`,
  ];
  await io.stderr.write(`linuxguard: Found damage: ${counts.join(", ")}\n`);
  return exitCodes["source.damaged"];
}
