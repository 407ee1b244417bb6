import type { HeartbeatRequest } from "#wire/shapes.ts";
import { AgentBooks, type AgentTotals, type BatchFacts, type ChainHead } from "./agent-books.ts";
import type { ReceivedBatch } from "./intake.ts";
import { Journal } from "./journal.ts";

/** What became of a batch, or a piece of one. */
export type Outcome =
  | { readonly kind: "stored" | "known"; readonly acceptedThrough: number }
  /** It does not continue the chain that the console has. */
  | { readonly kind: "broken" };

/** Bytes of a batch or a piece as they came. */
export interface StoredBatch {
  readonly facts: BatchFacts;
  readonly receivedMs: number;
  readonly body: Uint8Array;
}

type Facts = { readonly receivedMs: number } & (
  | { readonly kind: "batch"; readonly batch: BatchFacts }
  | { readonly kind: "heartbeat"; readonly heartbeat: HeartbeatRequest }
  | { readonly kind: "restart" }
);

const nothing = new Uint8Array();

/** What the console has of one agent, on disk: batches as their bytes came, and heartbeats. */
export class AgentStore {
  readonly #journal: Journal;
  readonly #books: AgentBooks;
  #heartbeat: HeartbeatRequest | undefined;
  #heartbeats = 0;
  #repeats = 0;
  #breaks = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(journal: Journal, books: AgentBooks, earlier: readonly HeartbeatRequest[]) {
    this.#journal = journal;
    this.#books = books;
    this.#heartbeats = earlier.length;
    this.#heartbeat = earlier.at(-1);
  }

  static async open(path: string): Promise<AgentStore> {
    const books = new AgentBooks();
    const heartbeats: HeartbeatRequest[] = [];
    const journal = await Journal.open(path, ({ facts }) => {
      // Its checksum holds, so it is what this code wrote.
      const kept = facts as Facts;
      enter(books, kept);
      if (kept.kind === "heartbeat") heartbeats.push(kept.heartbeat);
    });
    return new AgentStore(journal, books, heartbeats);
  }

  /** Stores a batch that was proved; it is on disk when this resolves. */
  async offer(received: ReceivedBatch, receivedMs: number): Promise<Outcome> {
    return await this.#take(factsOf(received, false), received.body, receivedMs);
  }

  /** Puts on record that the events of a batch are refused for good, so that the rest completes it. */
  async refuse(received: ReceivedBatch, receivedMs: number): Promise<void> {
    await this.#take(factsOf(received, true), nothing, receivedMs);
  }

  /** Whether all of a batch, or of a piece of one, came before or was refused for good. */
  isKnown(received: ReceivedBatch): boolean {
    return this.#books.judge(factsOf(received, false)) === "known";
  }

  /** Keeps a heartbeat. */
  async keepHeartbeat(heartbeat: HeartbeatRequest, receivedMs: number): Promise<void> {
    await this.#inTurn(
      async () => await this.#append({ kind: "heartbeat", heartbeat, receivedMs }, nothing),
    );
    this.#heartbeat = heartbeat;
    this.#heartbeats += 1;
  }

  /** An operator takes the agent's chain as it is: the next batch begins it anew. */
  async allowRestart(receivedMs: number): Promise<void> {
    await this.#inTurn(async () => await this.#append({ kind: "restart", receivedMs }, nothing));
  }

  /**
   * The sums; `repeats` and `breaks` are the batches that came again and those that were refused since
   * the console was started.
   */
  get totals(): AgentTotals & { readonly repeats: number; readonly breaks: number } {
    return { ...this.#books.totals, repeats: this.#repeats, breaks: this.#breaks };
  }

  get head(): ChainHead | undefined {
    return this.#books.head;
  }

  /** The ids of all events, in the order in which they came. */
  get eventIds(): ReadonlySet<string> {
    return this.#books.eventIds;
  }

  /** The newest heartbeat, with the agent's ledger, and how many came. */
  get heartbeat(): HeartbeatRequest | undefined {
    return this.#heartbeat;
  }

  get heartbeatCount(): number {
    return this.#heartbeats;
  }

  /** Reads all batches and pieces from disk, in the order in which they came. */
  async *batches(): AsyncGenerator<StoredBatch, void, undefined> {
    for await (const { facts, body } of this.#journal.entries()) {
      const kept = facts as Facts;
      if (kept.kind !== "batch" || kept.batch.isRefused) continue;
      yield { facts: kept.batch, receivedMs: kept.receivedMs, body };
    }
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => await this.#journal.close());
  }

  async #take(batch: BatchFacts, body: Uint8Array, receivedMs: number): Promise<Outcome> {
    return await this.#inTurn(async () => {
      const verdict = this.#books.judge(batch);
      if (verdict === "new") await this.#append({ kind: "batch", batch, receivedMs }, body);
      if (verdict === "known") this.#repeats += 1;
      if (verdict === "broken") this.#breaks += 1;
      if (verdict === "broken") return { kind: "broken" };
      const { acceptedThrough } = this.#books;
      return { kind: verdict === "new" ? "stored" : "known", acceptedThrough };
    });
  }

  async #append(facts: Facts, body: Uint8Array): Promise<void> {
    await this.#journal.append({ facts, body });
    enter(this.#books, facts);
  }

  /** One after the other, whatever comes at the same time. */
  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => {});
    return await result;
  }
}

function enter(books: AgentBooks, facts: Facts): void {
  if (facts.kind === "batch") books.take(facts.batch);
  else if (facts.kind === "heartbeat") books.claim(facts.heartbeat.head);
  else books.allowRestart();
}

function factsOf({ headers, seal, events }: ReceivedBatch, isRefused: boolean): BatchFacts {
  const { sequence, hash, previousHash, range } = headers;
  const { count, documentsBefore } = seal;
  return {
    sequence,
    hash,
    previousHash,
    count,
    documentsBefore,
    range: range === undefined ? { from: 0, to: count } : { from: range.from, to: range.to },
    events: isRefused ? [] : events.map(({ id, severity }) => [id, severity ?? null]),
    isRefused,
  };
}
