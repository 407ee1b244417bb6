import { promisify } from "node:util";
import { zstdCompressSync, zstdDecompress } from "node:zlib";
import {
  chainHash,
  type FrameHeader,
  hashOf,
  maxContentBytes,
  parseFrameHeader,
} from "#spool/frame.ts";
import { type BatchHeaders, parseBatchHeaders } from "#wire/batch-headers.ts";

/** A batch, or a piece of one, that was proved: it is what its headers say. */
export interface ReceivedBatch {
  readonly headers: BatchHeaders;
  /** The batch's header as it lies in the agent's spool. */
  readonly seal: FrameHeader;
  readonly body: Uint8Array;
  readonly events: readonly ReceivedEvent[];
}

/** What the console's books need of an event. */
export interface ReceivedEvent {
  readonly id: string;
  readonly severity: number | undefined;
}

/** Why a request was refused, as the answer says it. */
export interface Refusal {
  readonly kind: "refused";
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly eventIds?: readonly string[];
}

const decompress = promisify(zstdDecompress);
const idForm = /^[0-9a-f]{32}$/;

/**
 * Reads a batch from a request and proves it; nothing of it is believed before. Of one that was carried
 * the body is whole, also where only a piece of it is to be taken.
 */
export async function readBatch(
  headers: Readonly<Record<string, unknown>>,
  body: Uint8Array,
  { isCarried = false } = {},
): Promise<({ readonly kind: "batch" } & ReceivedBatch) | Refusal> {
  if (
    headers["content-type"] !== "application/x-ndjson" ||
    headers["content-encoding"] !== "zstd"
  ) {
    return refusal(415, "body.type", "The body must be NDJSON in zstd");
  }
  const said = parseBatchHeaders(headers);
  if (said === undefined) return refusal(400, "headers.invalid", "A header is not as agreed");
  const seal = parseFrameHeader(Buffer.from(said.seal, "base64"));
  if (seal === undefined || !agrees(said, seal)) {
    return refusal(400, "seal.invalid", "The headers do not agree with the batch's own");
  }
  const isWhole = said.range === undefined || isCarried;
  if (isWhole && !proves(said, body)) {
    return refusal(400, "hash.invalid", "The hash is not that of the batch");
  }
  const documents = await readDocuments(body, seal);
  if (documents === undefined) {
    return refusal(400, "body.invalid", "The body is no zstd, or not of the size it has to be");
  }
  if (documents.length !== (isWhole ? seal.count : said.count)) {
    return refusal(400, "body.count", "The body has another number of events than the headers say");
  }
  const sent = isWhole ? documents.slice(said.range?.from, said.range?.to) : documents;
  const events = sent.map(readEvent);
  const good = events.filter((event) => event !== undefined);
  if (good.length !== events.length) {
    return refusal(422, "event.invalid", "There is an event that is no JSON object with an id");
  }
  const taken = sent.length < documents.length ? pack(sent) : body;
  return { kind: "batch", headers: said, seal, body: taken, events: good };
}

function pack(lines: readonly string[]): Uint8Array {
  return zstdCompressSync(lines.map((line) => `${line}\n`).join(""));
}

/** Makes a refusal. */
export function refusal(
  status: number,
  code: string,
  message: string,
  eventIds?: readonly string[],
): Refusal {
  return { kind: "refused", status, code, message, ...(eventIds && { eventIds }) };
}

function agrees(said: BatchHeaders, seal: FrameHeader): boolean {
  const { from, to, of } = said.range ?? { from: 0, to: said.count, of: said.count };
  return (
    seal.sequence === said.sequence &&
    seal.previousHash === said.previousHash &&
    seal.count === of &&
    said.count === to - from
  );
}

function proves(said: BatchHeaders, body: Uint8Array): boolean {
  const header = Buffer.from(said.seal, "base64");
  const hash = chainHash(header, Buffer.from(said.noteHash, "hex"), hashOf(body));
  return hash.toString("hex") === said.hash;
}

/** Unpacks a body into its lines; a piece may be of any size up to that of the whole. */
async function readDocuments(
  body: Uint8Array,
  { bodySizeBytes }: FrameHeader,
): Promise<string[] | undefined> {
  const limit = Math.min(bodySizeBytes, maxContentBytes);
  try {
    const content = await decompress(body, { maxOutputLength: Math.max(limit, 1) });
    if (content.length === 0) return [];
    const lines = content.toString("utf8").split("\n");
    return lines.pop() === "" ? lines : undefined;
  } catch (error) {
    const isContent = error instanceof Error && "code" in error;
    if (isContent) return undefined;
    throw error;
  }
}

function readEvent(line: string): ReceivedEvent | undefined {
  const event = memberOf(parseJson(line), "event");
  const id = memberOf(event, "id");
  const severity = memberOf(event, "severity");
  if (typeof id !== "string" || !idForm.test(id)) return undefined;
  return { id, severity: typeof severity === "number" ? severity : undefined };
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
