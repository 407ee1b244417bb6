import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { operations } from "#wire/operations.ts";

/** What a request looks like before its body has come. */
export interface SeenRequest {
  readonly operation: keyof typeof operations;
  /** The agent whose certificate it has. */
  readonly agentId: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** What the console does instead of answering; with `isStored`, it first does what it was asked for. */
export type Misanswer = { readonly isStored?: boolean } & (
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  /** Ends the connection. */
  | { readonly kind: "cut" }
  /** Says nothing and keeps the connection. */
  | { readonly kind: "silence" }
  /** A body of one byte at each interval that has no end. */
  | { readonly kind: "drip"; readonly intervalMs: number }
  /** A body without end, as fast as it is taken. */
  | { readonly kind: "endless" }
  /** A small body in gzip that grows to this size. */
  | { readonly kind: "bomb"; readonly sizeBytes: number }
);

/** What goes wrong with one request. */
export type Fault =
  | Misanswer
  /** A batch of more bytes gets a 413. */
  | { readonly kind: "limit"; readonly bytes: number }
  /** A batch with one of these events is refused. */
  | { readonly kind: "poison"; readonly eventIds: ReadonlySet<string>; readonly status: 400 | 422 };

/** The faults to come: first those in the queue, one a request, then what the script says. */
export class Faults {
  readonly #queue: Fault[] = [];
  /** Is asked at every request for which the queue has nothing. */
  script: ((request: SeenRequest) => Fault | undefined) | undefined;

  constructor(script: Faults["script"]) {
    this.script = script;
  }

  /** Each of these befalls one request, in this order. */
  queue(...faults: readonly Fault[]): void {
    this.#queue.push(...faults);
  }

  next(request: SeenRequest): Fault | undefined {
    return this.#queue.shift() ?? this.script?.(request);
  }
}

/** Answers as a fault says. */
export async function misanswer(response: ServerResponse, fault: Misanswer): Promise<void> {
  switch (fault.kind) {
    case "answer":
      response.writeHead(fault.status, { ...fault.headers });
      response.end(fault.body);
      return;
    case "cut":
      response.destroy();
      return;
    case "silence":
      return;
    case "drip":
      return await pour(response, Buffer.from(" "), fault.intervalMs);
    case "endless":
      return await pour(response, Buffer.alloc(65_536, " "), 0);
    case "bomb":
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(gzipSync(Buffer.alloc(fault.sizeBytes, " ")));
      return;
    default:
      return fault satisfies never;
  }
}

/** Writes the same bytes again and again until the other side has enough. */
async function pour(
  response: ServerResponse,
  bytes: Uint8Array,
  intervalMs: number,
): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  await pipeline(async function* () {
    for (;;) {
      yield bytes;
      await sleep(intervalMs);
    }
  }, response);
}
