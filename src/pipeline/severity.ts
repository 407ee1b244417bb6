import { type Severity, severities } from "#model/severity.ts";
import { type AuditKey, auditKeys } from "#product/audit-rules.ts";

/** The key of the base tier that tells of every program run, where the others tell of what is rare. */
const programRun: AuditKey["key"] = "lg_exec";

const severityOfKey: ReadonlyMap<string, Severity> = new Map(
  auditKeys.map(({ key, tier }) => {
    if (tier !== "base") return [key, "low"];
    return [key, key === programRun ? "ordinary" : "high"];
  }),
);

// Quotation marks in a value are escaped, so no value can hold one of these.
const systemCall = Buffer.from('"record_types":["SYSCALL"');
const keys = Buffer.from('"key":[');
const closingBracket = 0x5d;

/**
 * Tells the severity of a document from its bytes. A system call that a rule asked for has the highest
 * that its keys give it, and is ordinary under a key that is not ours. All else is high: what programs
 * and the kernel tell of their own accord, such as logins, accounts, denials and anomalies, and what
 * tells of the log itself.
 */
export function severityOf(document: Buffer): Severity {
  if (!document.includes(systemCall)) return "high";
  const at = document.indexOf(keys);
  if (at < 0) return "ordinary";
  const from = at + keys.length;
  const list = document.toString("latin1", from, document.indexOf(closingBracket, from));
  const known = list.split(",").map((key) => severityOfKey.get(key.slice(1, -1)) ?? "ordinary");
  return severities.findLast((severity) => known.includes(severity)) ?? "ordinary";
}
