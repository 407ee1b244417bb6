import { constants, zstdCompressSync } from "node:zlib";
import { type BatchHeaders, renderBatchHeaders } from "#wire/batch-headers.ts";
import { decode } from "#wire/decode.ts";
import { operations } from "#wire/operations.ts";
import { errorAnswer } from "#wire/shapes.ts";
import { classOfStatus } from "#wire/statuses.ts";
import { parseRetryAfter } from "./backoff.ts";
import type { Outcome, Transport } from "./transport.ts";

/** A batch on its way: what its headers say, and its bytes as they lie in the spool. */
export interface OutgoingBatch extends BatchHeaders {
  readonly body: Uint8Array;
  /** The documents as NDJSON; asked for only if the batch must go in pieces. */
  readonly documents: () => Uint8Array;
}

/** What became of a batch. */
export type Shipment =
  /** The console has it, but for the events that it refused for good. */
  | { readonly kind: "delivered"; readonly rejected: readonly string[] }
  | { readonly kind: "retry"; readonly why: string; readonly afterMs: number | undefined }
  /** The console does not let this agent in. */
  | { readonly kind: "auth"; readonly code: string };

/** A run of events of one batch, counted from 0, the end excluded. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

/** What is left of a batch that does not go through as a whole. */
interface Rest {
  readonly sequence: number;
  readonly pieces: Piece[];
  readonly rejected: string[];
}

const compressionLevel = 3;

/**
 * Sends batches, one at a time. What the console refuses is halved until the one event is found that
 * it will not take; that event is set aside, and the others go through.
 */
export class Shipper {
  readonly #transport: Transport;
  #rest: Rest | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends a batch; after `retry` or `auth` the same one is to be given again. */
  async send(batch: OutgoingBatch, signal: AbortSignal): Promise<Shipment> {
    const whole = { from: 0, to: batch.count };
    if (this.#rest?.sequence !== batch.sequence) {
      this.#rest = { sequence: batch.sequence, pieces: [whole], rejected: [] };
    }
    const rest = this.#rest;
    const { pieces, rejected } = rest;
    for (let piece = pieces[0]; piece !== undefined; piece = pieces[0]) {
      const isWhole = piece.from === 0 && piece.to === batch.count;
      const outcome = await this.#post(batch, isWhole ? undefined : piece, signal);
      const stop = settle(batch, rest, outcome);
      if (stop !== undefined) return stop;
    }
    this.#rest = undefined;
    return { kind: "delivered", rejected };
  }

  async #post(batch: OutgoingBatch, piece: Piece | undefined, signal: AbortSignal) {
    if (piece === undefined) {
      const headers = renderBatchHeaders(batch);
      return await this.#transport.post(
        { path: operations.sendBatch.path, body: batch.body, headers },
        signal,
      );
    }
    const lines = linesOf(batch).slice(piece.from, piece.to);
    const count = piece.to - piece.from;
    const headers = renderBatchHeaders({ ...batch, count, range: { ...piece, of: batch.count } });
    const body = zstdCompressSync(lines.map((line) => `${line}\n`).join(""), {
      params: { [constants.ZSTD_c_compressionLevel]: compressionLevel },
    });
    return await this.#transport.post({ path: operations.sendBatch.path, body, headers }, signal);
  }
}

/** Takes the answer to the first piece into account; returns what ends the sending for now. */
function settle(batch: OutgoingBatch, rest: Rest, outcome: Outcome): Shipment | undefined {
  if (outcome.kind === "failed") {
    return { kind: "retry", why: outcome.reason, afterMs: undefined };
  }
  const { status, headers, text } = outcome;
  switch (classOfStatus(status)) {
    case "acknowledged":
      rest.pieces.shift();
      return undefined;
    case "auth":
      return { kind: "auth", code: codeOf(text) };
    case "split":
    case "reject":
      takeApart(batch, rest);
      return undefined;
    default:
      return {
        kind: "retry",
        why: `status_${status}`,
        afterMs: parseRetryAfter(headers["retry-after"], Date.now()),
      };
  }
}

/** Halves the first piece, or gives it up if it is one event. */
function takeApart(batch: OutgoingBatch, { pieces, rejected }: Rest): void {
  const piece = pieces.shift();
  if (piece === undefined || piece.to === piece.from) return;
  const { from, to } = piece;
  if (to - from === 1) {
    rejected.push(linesOf(batch)[from] ?? "");
    return;
  }
  const middle = (from + to) >> 1;
  pieces.unshift({ from, to: middle }, { from: middle, to });
}

function linesOf({ documents }: OutgoingBatch): readonly string[] {
  return Buffer.from(documents()).toString("utf8").split("\n").slice(0, -1);
}

function codeOf(text: string): string {
  const error = decode(errorAnswer, text);
  return error.kind === "decoded" ? error.value.code : "unknown";
}
