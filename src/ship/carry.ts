import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { Failure } from "#base/failure.ts";
import { renderBatchHeaders } from "#wire/batch-headers.ts";
import { receiptText, renderCarriedHeaders } from "#wire/carried-batch.ts";
import { decode } from "#wire/decode.ts";
import { operations } from "#wire/operations.ts";
import { errorAnswer, type Receipt, receipt } from "#wire/shapes.ts";
import { classOfStatus } from "#wire/statuses.ts";
import { type CarriedBatch, isSignedBy, parseCertificate } from "./export-file.ts";
import type { Identity } from "./identity.ts";
import type { Transport } from "./transport.ts";

/**
 * Hands a batch to the console on behalf of the agent that signed it, and gives the receipt. Throws
 * `console.unreachable`, or `console.refused` if the console does not take it.
 */
export async function carry(transport: Transport, batch: CarriedBatch): Promise<Receipt> {
  const { path, answer } = operations.carryBatch;
  const headers = { ...renderBatchHeaders(batch), ...renderCarriedHeaders(batch) };
  const outcome = await transport.post({ path, body: batch.body, headers });
  if (outcome.kind === "failed") throw unreachable(batch, outcome.reason);
  const { status, text } = outcome;
  if (classOfStatus(status) !== "acknowledged") throw refusal(batch, status, text);
  const decoded = decode(answer, text);
  if (decoded.kind === "invalid") throw unreachable(batch, "its answer is not understood");
  const given = decoded.value;
  const isOfBatch = given.sequence === batch.sequence && given.hash === batch.hash;
  if (!isOfBatch) throw unreachable(batch, "its receipt is of another batch");
  return given;
}

/** The receipt as a file; a line of JSON. */
export function renderReceipt(given: Receipt): string {
  return `${JSON.stringify(given)}\n`;
}

/**
 * Reads a receipt and proves that it is of this agent's console: signed by a server of the console's
 * name whose certificate the console's authority gave. Throws `source.damaged`.
 */
export function readReceipt(text: string, identity: Identity, timeMs: number): Receipt {
  const decoded = decode(receipt, text);
  if (decoded.kind === "invalid") throw refusedReceipt(decoded.reason);
  const { value } = decoded;
  if (value.agent_id !== identity.agentId) throw refusedReceipt("it is of another agent");
  const server = parseCertificate(value.certificate);
  if (server === undefined) throw refusedReceipt("its certificate is none");
  const reason = distrust(server, identity, timeMs);
  if (reason !== undefined) throw refusedReceipt(reason);
  if (!isSignedBy(server, receiptText(value), value.signature)) {
    throw refusedReceipt("the console did not sign it");
  }
  return value;
}

/** Why a certificate is not that of the agent's console; `undefined` if it is. */
function distrust(
  server: X509Certificate,
  { authorityPem, url }: Identity,
  timeMs: number,
): string | undefined {
  if (authorityPem === undefined) return "this host knows no authority of its console's own";
  const isGiven = certificatesIn(authorityPem).some(
    (authority) => server.checkIssued(authority) && server.verify(authority.publicKey),
  );
  if (!isGiven) return "its certificate is not of the console's authority";
  const name = new URL(url).hostname.replace(/^\[|\]$/g, "");
  const named = isIP(name) === 0 ? server.checkHost(name) : server.checkIP(name);
  if (named === undefined) return "its certificate is not that of the console's server";
  const isOver = timeMs < server.validFromDate.getTime() || timeMs > server.validToDate.getTime();
  return isOver ? "its certificate is not good now, by this host's clock" : undefined;
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  const parts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return parts.map((part) => new X509Certificate(part));
}

function unreachable({ sequence }: CarriedBatch, reason: string): Failure {
  return new Failure("console.unreachable", `Cannot hand over batch ${sequence}: ${reason}`, {
    hint: "Run it again: what the console has by then, it knows.",
  });
}

function refusal({ sequence }: CarriedBatch, status: number, text: string): Failure {
  const error = decode(errorAnswer, text);
  const reason = error.kind === "decoded" ? ` ${error.value.code}: ${error.value.message}` : "";
  const message = `Cannot hand over batch ${sequence}: ${status}${reason}`;
  return new Failure("console.refused", message, {
    hint: "A batch that is carried goes whole or not at all. What went before it is delivered.",
  });
}

function refusedReceipt(reason: string): Failure {
  return new Failure("source.damaged", `Cannot take the receipt: ${reason}`, {
    hint: "The place of delivery stays as it is. Carry the receipt again, unchanged.",
  });
}
