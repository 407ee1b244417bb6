import type { IncomingHttpHeaders } from "node:http";
import { type RequestOptions, request } from "node:https";
import { buffer } from "node:stream/consumers";
import { createCertificateRequest } from "#ship/certificate-request.ts";
import type { SealedBatch } from "#spool/segment.ts";
import { type BatchHeaders, renderBatchHeaders } from "#wire/batch-headers.ts";
import { decode } from "#wire/decode.ts";
import { parseEnrolmentToken } from "#wire/enrolment-token.ts";
import { operations } from "#wire/operations.ts";
import { errorAnswer, type IdentityAnswer } from "#wire/shapes.ts";

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly value: unknown;
}

/** Where a console is, and who asks. */
export interface RawClient {
  readonly url: string;
  readonly ca: string;
  readonly key?: string;
  readonly cert?: string;
}

const host = { key: "0".repeat(32), name: "host", os: "Debian 12", architecture: "x64" };

/** Sends one request over a connection of its own, with what TLS and HTTP do and nothing besides. */
export async function post(
  { url, ca, key, cert }: RawClient,
  path: string,
  { body, headers = {} }: { readonly body: string | Uint8Array; readonly headers?: object },
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const options: RequestOptions = {
    method: "POST",
    ca,
    ...(key !== undefined && { key, cert }),
    agent: false,
    rejectUnauthorized: true,
    headers: { "content-type": "application/json", ...headers },
  };
  const sent = request(new URL(path, url), options, (response) => {
    buffer(response).then((bytes) => {
      const { statusCode: status = 0 } = response;
      resolve({ status, headers: response.headers, body: bytes, value: parseJson(bytes) });
    }, reject);
  });
  sent.once("error", reject);
  sent.end(body);
  return await promise;
}

/** Enrols a host and gives the client that its certificate makes of it. */
export async function enrol(
  client: RawClient,
  token: string,
): Promise<Required<RawClient> & { readonly agentId: string }> {
  const { keyPem, requestPem } = await createCertificateRequest("host");
  const answer = await post(client, operations.enrol.path, {
    body: renderEnrolRequest(token, requestPem),
  });
  if (answer.status !== 200) throw new Error(`Cannot enrol: ${answer.body.toString()}`);
  const { agent_id, certificate } = answer.value as IdentityAnswer;
  return { url: client.url, ca: client.ca, key: keyPem, cert: certificate, agentId: agent_id };
}

/** The body of an enrolment. */
export function renderEnrolRequest(token: string, requestPem: string): string {
  return JSON.stringify({
    token: parseEnrolmentToken(token)?.secret,
    certificate_request: requestPem,
    agent_version: "0.0.0",
    host,
  });
}

/** Sends a batch as it lies in the spool, or another body as a piece of it. */
export async function sendBatch(
  client: RawClient,
  batch: SealedBatch,
  piece?: { readonly range: NonNullable<BatchHeaders["range"]>; readonly body: Uint8Array },
): Promise<RawAnswer> {
  const { range } = piece ?? {};
  const headers = renderBatchHeaders({
    sequence: batch.sequence,
    hash: batch.hash,
    previousHash: batch.previousHash,
    count: range === undefined ? batch.count : range.to - range.from,
    seal: Buffer.from(batch.seal().header).toString("base64"),
    noteHash: batch.seal().noteHash,
    ...(range && { range }),
  });
  return await post(client, operations.sendBatch.path, {
    body: piece?.body ?? batch.body,
    headers,
  });
}

/** The status of an answer and, if it is an error, its code. */
export function said({ status, value }: RawAnswer): string {
  const error = decode(errorAnswer, JSON.stringify(value) ?? "");
  return error.kind === "decoded" ? `${status} ${error.value.code}` : String(status);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
