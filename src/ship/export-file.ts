import { createHash, createPrivateKey, sign, verify, X509Certificate } from "node:crypto";
import { Failure } from "#base/failure.ts";
import { type BatchHeaders, parseBatchHeaders, renderBatchHeaders } from "#wire/batch-headers.ts";
import {
  type CarriedHeaders,
  carriedHeaderNames,
  carriedText,
  exportText,
  parseCarriedHeaders,
  renderCarriedHeaders,
} from "#wire/carried-batch.ts";
import { type Decoded, decode } from "#wire/decode.ts";
import { exportBatch, exportEnd, exportHead } from "#wire/export-lines.ts";
import { ByteReader } from "./byte-reader.ts";
import type { Identity } from "./identity.ts";

/** A batch to be carried, as it lies in the spool. */
export interface BatchToCarry extends BatchHeaders {
  /** Number of the batch that goes before it. */
  readonly after: number;
  readonly body: Uint8Array;
}

/** A batch that was carried, with what proves whose it is. */
export type CarriedBatch = BatchToCarry & CarriedHeaders;

/** What a file of batches says before the first of them. */
export interface ExportHead {
  readonly agentId: string;
  readonly certificate: X509Certificate;
}

const longestHead = 131_072;
const longestLine = 16_384;
/** What a batch of the most documents can take, should none of it compress. */
const longestBody = 66 * 1_048_576;

/** Renders batches as a file, signed by the agent's key; one batch is held at a time. */
export function* renderExport(
  { agentId, certificatePem, keyPem }: Identity,
  batches: Iterable<BatchToCarry>,
  timeMs: number,
): Generator<Uint8Array, void, undefined> {
  const digest = createHash("sha256");
  const key = createPrivateKey(keyPem);
  const signatureOf = (text: string) => sign("sha256", Buffer.from(text), key).toString("base64");
  const hashed = (bytes: Uint8Array) => {
    digest.update(bytes);
    return bytes;
  };
  yield hashed(
    lineOf({
      linuxguard_export: 1,
      agent_id: agentId,
      certificate: certificatePem,
      created_at: new Date(timeMs).toISOString(),
    }),
  );
  let count = 0;
  for (const batch of batches) {
    const { [carriedHeaderNames.certificate]: _, ...carried } = renderCarriedHeaders({
      after: batch.after,
      certificate: "",
      signature: signatureOf(carriedText(agentId, batch)),
    });
    const headers = { ...renderBatchHeaders(batch), ...carried };
    yield hashed(lineOf({ headers, body_bytes: batch.body.length }));
    yield hashed(batch.body);
    count++;
  }
  const signature = signatureOf(exportText(agentId, digest.digest("hex")));
  yield lineOf({ batches: count, signature });
}

/**
 * Reads a file of batches, one at a time, and proves that it is what one agent signed, whole. Throws
 * `source.damaged` with the first place where it is not; what was given before that is not to be used.
 */
export function* readExport(fd: number): Generator<CarriedBatch, void, undefined> {
  const reader = new ByteReader(fd);
  const { agentId, certificate } = readExportHead(reader);
  let count = 0;
  for (;;) {
    const { digest } = reader;
    const where = `batch ${count + 1} of the file`;
    const line = reader.line(longestLine);
    if (line === undefined) throw damaged(where, "the file is cut short");
    const end = decode(exportEnd, line);
    if (end.kind === "decoded") {
      const { batches, signature } = end.value;
      const isSigned = isSignedBy(certificate, exportText(agentId, digest), signature);
      if (batches !== count || !isSigned) throw damaged("the end", "it is not what was signed");
      if (!reader.isAtEnd) throw damaged("the end", "something was appended");
      return;
    }
    const batch = readBatch(reader, { line, where, certificate });
    if (!isSignedBy(certificate, carriedText(agentId, batch), batch.signature)) {
      throw damaged(`batch ${batch.sequence}`, "the agent did not sign it");
    }
    yield batch;
    count++;
  }
}

/** Tells whose batches are in a file; nothing of it is proved. */
export function readExportHead(reader: ByteReader): ExportHead {
  const line = reader.line(longestHead);
  if (line === undefined) throw damaged("the first line", "it is no line of an export");
  const head = required(decode(exportHead, line), "the first line");
  const certificate = parseCertificate(head.certificate);
  if (certificate === undefined) throw damaged("the first line", "its certificate is none");
  return { agentId: head.agent_id, certificate };
}

function readBatch(
  reader: ByteReader,
  { line, where, certificate }: { line: string; where: string; certificate: X509Certificate },
): CarriedBatch {
  const { headers, body_bytes } = required(decode(exportBatch, line), where);
  const der = certificate.raw.toString("base64");
  const batch = parseBatchHeaders(headers);
  const carried = parseCarriedHeaders({ ...headers, [carriedHeaderNames.certificate]: der });
  if (batch === undefined || carried === undefined || batch.range !== undefined) {
    throw damaged(where, "its headers are not as agreed");
  }
  if (body_bytes > longestBody) throw damaged(`batch ${batch.sequence}`, "it is too large");
  const body = reader.bytes(body_bytes);
  if (body === undefined) throw damaged(`batch ${batch.sequence}`, "the file is cut short");
  return { ...batch, ...carried, body };
}

/** Whether a text is signed by the key of a certificate. */
export function isSignedBy(
  { publicKey }: X509Certificate,
  text: string,
  signature: string,
): boolean {
  const bytes = Buffer.from(signature, "base64");
  // Base64 that is read leniently has several forms of the same bytes.
  const isExact = bytes.toString("base64") === signature;
  return isExact && verify("sha256", Buffer.from(text), publicKey, bytes);
}

/** The first certificate in a PEM, or the one in DER; `undefined` if there is none of an EC key. */
export function parseCertificate(text: string | Uint8Array): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(text);
    return certificate.publicKey.asymmetricKeyType === "ec" ? certificate : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

/** Tells where a file is not what an agent wrote, and why. */
export function damaged(where: string, reason: string): Failure {
  return new Failure("source.damaged", `Cannot import the file: ${where}: ${reason}`, {
    hint: "Nothing more of it is used. Carry it again, or make a new one: linuxguard export.",
  });
}

function required<T>(decoded: Decoded<T>, where: string): T {
  if (decoded.kind === "decoded") return decoded.value;
  throw damaged(where, decoded.reason);
}

function lineOf(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
