import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { zstdDecompressSync } from "node:zlib";
import { Failure } from "#base/failure.ts";
import { renderBatchHeaders } from "#wire/batch-headers.ts";
import { receiptText, renderCarriedHeaders } from "#wire/carried-batch.ts";
import { decode } from "#wire/decode.ts";
import { operations } from "#wire/operations.ts";
import { errorAnswer, type Receipt, receipt } from "#wire/shapes.ts";
import { classOfStatus } from "#wire/statuses.ts";
import { type CarriedBatch, isSignedBy, parseCertificate } from "./export-file.ts";
import type { Identity } from "./identity.ts";
import { type Piece, Pieces } from "./pieces.ts";
import { refusalsInRow } from "./shipper.ts";
import type { Outcome, Transport } from "./transport.ts";

/** The most bytes of documents that a batch has. */
const longestContent = 64 * 1_048_576;

/** Hands batches to the console on behalf of the agent that signed them. */
export class Carrier {
  readonly #transport: Transport;
  readonly #setAside: (event: string) => void;
  #refusals = 0;

  /** `setAside` is given each event that the console refuses for good, at once. */
  constructor(transport: Transport, setAside: (event: string) => void) {
    this.#transport = transport;
    this.#setAside = setAside;
  }

  /**
   * Hands over a batch. Of one that the console refuses the one event is found that it will not take, and
   * the others go through. Gives the receipt. Throws `console.unreachable`, or `console.refused` if it
   * takes nothing.
   */
  async carry(batch: CarriedBatch): Promise<Receipt> {
    const pieces = new Pieces(batch.count);
    let receipt: Receipt | undefined;
    for (let piece = pieces.first; piece !== undefined; piece = pieces.first) {
      receipt = await this.#offer(batch, pieces, piece);
    }
    // The last piece may have been one that was refused: then it is asked once more for what is there.
    receipt ??= await this.#offer(batch, new Pieces(batch.count), undefined);
    if (receipt === undefined) throw unreachable(batch, "it gave no receipt");
    return receipt;
  }

  async #offer(
    batch: CarriedBatch,
    pieces: Pieces,
    piece: Piece | undefined,
  ): Promise<Receipt | undefined> {
    const outcome = await this.#post(batch, pieces.isWhole ? undefined : piece);
    if (outcome.kind === "failed") throw unreachable(batch, outcome.reason);
    const { status, text } = outcome;
    const meaning = classOfStatus(status);
    if (meaning === "acknowledged") {
      pieces.accept();
      this.#refusals = 0;
      return receiptIn(batch, text);
    }
    if (pieces.isOneEvent) this.#refusals++;
    if (meaning !== "reject" || piece === undefined || this.#refusals > refusalsInRow) {
      throw refusal(batch, status, text);
    }
    if (pieces.isOneEvent) this.#setAside(linesOf(batch)[piece.from] ?? "");
    pieces.refuse();
    return undefined;
  }

  /** The body is always that of the whole batch: only so does the agent's signature prove it. */
  async #post(batch: CarriedBatch, piece: Piece | undefined): Promise<Outcome> {
    const sent =
      piece === undefined
        ? batch
        : { ...batch, count: piece.to - piece.from, range: { ...piece, of: batch.count } };
    const headers = { ...renderBatchHeaders(sent), ...renderCarriedHeaders(batch) };
    return await this.#transport.post({
      path: operations.carryBatch.path,
      body: batch.body,
      headers,
    });
  }
}

function linesOf({ body }: CarriedBatch): readonly string[] {
  const text = zstdDecompressSync(body, { maxOutputLength: longestContent });
  return text.toString("utf8").split("\n").slice(0, -1);
}

/** The receipt in an answer; `undefined` if not all of the batch is there yet. */
function receiptIn(batch: CarriedBatch, text: string): Receipt | undefined {
  const decoded = decode(operations.carryBatch.answer, text);
  if (decoded.kind === "invalid") throw unreachable(batch, "its answer is not understood");
  const given = decoded.value;
  if (!("hash" in given)) return undefined;
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
    hint: "What went before it is delivered. See why the console takes nothing of it, and run it again.",
  });
}

function refusedReceipt(reason: string): Failure {
  return new Failure("source.damaged", `Cannot take the receipt: ${reason}`, {
    hint: "The place of delivery stays as it is. Carry the receipt again, unchanged.",
  });
}
