import { hash } from "node:crypto";
import type { LossEntry, LossReason } from "#model/ledger.ts";

/** Renders a document that tells of log that was lost before it could be read, as one line of JSON. */
export function renderGap(
  reason: LossReason,
  loss: LossEntry,
  { hostKey, envelope, timeMs }: { hostKey: string; envelope: string; timeMs: number },
): Uint8Array {
  const id = hash("sha256", `${hostKey}\ngap\n${reason}\n${loss.last}\n${loss.count}`, "hex");
  const time = JSON.stringify(new Date(timeMs).toISOString());
  const members = {
    ecs: { version: "9.4.0" },
    event: {
      id: id.slice(0, 32),
      kind: "pipeline_error",
      module: "auditd",
      dataset: "linuxguard.audit",
      category: ["host"],
      type: ["info"],
      action: "lost-audit-log",
      outcome: "unknown",
      reason,
    },
    error: { message: "Some of the audit log could not be read" },
    linuxguard: { loss: { reason, ...loss } },
  };
  const text = JSON.stringify(members).slice(1);
  return Buffer.from(`{"@timestamp":${time},${envelope === "" ? "" : `${envelope},`}${text}\n`);
}
