import { createHash, sign, verify, X509Certificate } from "node:crypto";
import {
  type CarriedHeaders,
  carriedText,
  parseCarriedHeaders,
  receiptText,
} from "#wire/carried-batch.ts";
import type { Receipt } from "#wire/shapes.ts";

/** What a receipt is signed with: the server's own key. */
export interface Signer {
  readonly keyPem: string;
  readonly certificatePem: string;
}

/** The fingerprint of the certificate that comes with a batch; that it is one is not looked at. */
export function fingerprintOfCarried(
  headers: Readonly<Record<string, unknown>>,
): string | undefined {
  const carried = parseCarriedHeaders(headers);
  if (carried === undefined) return undefined;
  return createHash("sha256").update(Buffer.from(carried.certificate, "base64")).digest("hex");
}

/** Whether the agent signed a batch; its certificate must be known to be one that was given. */
export function isSignedByAgent(
  { after, certificate, signature }: CarriedHeaders,
  agentId: string,
  hash: string,
): boolean {
  const { publicKey } = new X509Certificate(Buffer.from(certificate, "base64"));
  const text = Buffer.from(carriedText(agentId, { hash, after }));
  return verify("sha256", text, publicKey, Buffer.from(signature, "base64"));
}

export function signReceipt(
  { keyPem, certificatePem }: Signer,
  told: Pick<Receipt, "agent_id" | "sequence" | "hash">,
): Receipt {
  const signature = sign("sha256", Buffer.from(receiptText(told)), keyPem).toString("base64");
  return { ...told, certificate: certificatePem, signature };
}
