import { constants, zstdCompressSync } from "node:zlib";
import { type BatchHeaders, renderBatchHeaders } from "#wire/batch-headers.ts";
import { decode } from "#wire/decode.ts";
import { operations } from "#wire/operations.ts";
import { errorAnswer } from "#wire/shapes.ts";
import { classOfStatus } from "#wire/statuses.ts";
import { parseRetryAfter } from "./backoff.ts";
import { type Piece, Pieces } from "./pieces.ts";
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

/** What is left of a batch that does not go through as a whole. */
interface Rest {
  readonly hash: string;
  readonly pieces: Pieces;
  /** The documents, once they were needed. */
  lines?: readonly string[];
}

const compressionLevel = 3;
/** A console that refuses so many events and takes none is not well itself; it is left alone for a while. */
export const refusalsInRow = 32;

/**
 * Sends batches, one at a time. What the console refuses is halved until the one event is found that
 * it will not take; that event is set aside, and the others go through.
 */
export class Shipper {
  readonly #transport: Transport;
  #rest: Rest | undefined;
  #refusals = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends a batch; after `retry` or `auth` the same one is to be given again. */
  async send(batch: OutgoingBatch, signal: AbortSignal): Promise<Shipment> {
    const rest = this.#restOf(batch);
    const { pieces } = rest;
    for (let piece = pieces.first; piece !== undefined; piece = pieces.first) {
      const outcome = await this.#post(batch, pieces.isWhole ? undefined : piece, signal);
      const stop = this.#settle(batch, rest, outcome);
      if (stop !== undefined) return stop;
    }
    this.#rest = undefined;
    const rejected = pieces.rejected.map((at) => linesOf(batch, rest)[at] ?? "");
    return { kind: "delivered", rejected };
  }

  #restOf({ hash, count }: OutgoingBatch): Rest {
    if (this.#rest?.hash !== hash) this.#rest = { hash, pieces: new Pieces(count) };
    return this.#rest;
  }

  async #post(batch: OutgoingBatch, piece: Piece | undefined, signal: AbortSignal) {
    const { path } = operations.sendBatch;
    if (piece === undefined) {
      const headers = renderBatchHeaders(batch);
      return await this.#transport.post({ path, body: batch.body, headers }, signal);
    }
    const lines = linesOf(batch, this.#restOf(batch)).slice(piece.from, piece.to);
    const range = { ...piece, of: batch.count };
    const headers = renderBatchHeaders({ ...batch, count: lines.length, range });
    const body = zstdCompressSync(lines.map((line) => `${line}\n`).join(""), {
      params: { [constants.ZSTD_c_compressionLevel]: compressionLevel },
    });
    return await this.#transport.post({ path, body, headers }, signal);
  }

  /** Takes the answer to the first piece into account; returns what ends the sending for now. */
  #settle(batch: OutgoingBatch, rest: Rest, outcome: Outcome): Shipment | undefined {
    if (outcome.kind === "failed") return retry(outcome.reason);
    const { status, headers, text } = outcome;
    const meaning = classOfStatus(status);
    switch (meaning) {
      case "acknowledged":
        return this.#acknowledge(batch, rest, text);
      case "auth":
        return { kind: "auth", code: codeOf(text) };
      case "split":
      case "reject":
        return this.#takeApart(rest);
      case "retry":
        return retry(`status_${status}`, parseRetryAfter(headers["retry-after"], Date.now()));
      default:
        return meaning satisfies never;
    }
  }

  /** Only the console's own words count: whatever stands before it may say 200 to anything. */
  #acknowledge(batch: OutgoingBatch, { pieces }: Rest, text: string): Shipment | undefined {
    const answer = decode(operations.sendBatch.answer, text);
    if (answer.kind === "invalid") return retry("answer_not_understood");
    if (pieces.isWhole && answer.value.accepted_through < batch.sequence) {
      return retry("not_accepted");
    }
    pieces.accept();
    this.#refusals = 0;
    return undefined;
  }

  /** Halves the first piece, or gives it up if it is one event. */
  #takeApart({ pieces }: Rest): Shipment | undefined {
    if (pieces.isOneEvent && this.#refusals >= refusalsInRow) {
      this.#refusals = 0;
      return retry("refuses_everything");
    }
    if (pieces.isOneEvent) this.#refusals++;
    pieces.refuse();
    return undefined;
  }
}

function retry(why: string, afterMs?: number): Shipment {
  return { kind: "retry", why, afterMs };
}

function linesOf({ documents }: OutgoingBatch, rest: Rest): readonly string[] {
  rest.lines ??= Buffer.from(documents()).toString("utf8").split("\n").slice(0, -1);
  return rest.lines;
}

function codeOf(text: string): string {
  const error = decode(errorAnswer, text);
  return error.kind === "decoded" ? error.value.code : "unknown";
}
