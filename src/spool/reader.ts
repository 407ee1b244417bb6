import { type FSWatcher, watch } from "node:fs";
import { isSystemError, statDirectory } from "./files.ts";
import { listSegments } from "./layout.ts";
import type { Cursor } from "./place.ts";
import type { Damage } from "./quarantine.ts";
import { refused } from "./refusal.ts";
import { type Batch, Walk } from "./walk.ts";

/** How a reader is opened. */
export interface ReaderSettings {
  readonly directory: string;
  /** Sequence of the newest durable batch, where the writer is in this process. */
  readonly committed?: () => number;
  /** Is told of damage that is final, where somebody can set it aside. */
  readonly onDamage?: (damage: Damage) => void;
}

/** Where reading begins: after a cursor's batch, at the oldest batch, or with the next one that comes. */
export type ReadFrom = Cursor | "oldest" | "newest";

/** Reads a spool, also while another process writes to it. Takes no lock and writes nothing. */
export class SpoolReader {
  readonly #settings: ReaderSettings;

  private constructor(settings: ReaderSettings) {
    this.#settings = settings;
  }

  /** Opens a spool for reading, or throws `spool.unusable` if there is none. */
  static open(settings: ReaderSettings): SpoolReader {
    const { directory } = settings;
    return refused(`read spool ${directory}`, "reader", () => {
      if (statDirectory(directory) !== undefined) return new SpoolReader(settings);
      throw Object.assign(new Error("No spool"), { code: "ENOENT", syscall: "lstat" });
    });
  }

  /** Reads the batches that are there, oldest first, one at a time. */
  *batches(from: ReadFrom = "oldest"): Generator<Batch, void, undefined> {
    const walk = this.#walk(from);
    try {
      for (let batch = this.#next(walk); batch !== undefined; batch = this.#next(walk)) yield batch;
    } finally {
      walk.close();
    }
  }

  /** Reads the batches that are there and those to come, until the signal; looks at least each `pollMs`. */
  async *follow(
    from: ReadFrom,
    { signal, pollMs = 1_000 }: { readonly signal: AbortSignal; readonly pollMs?: number },
  ): AsyncGenerator<Batch, void, undefined> {
    const walk = this.#walk(from);
    const bell = new Bell(this.#settings.directory, signal);
    try {
      while (!signal.aborted) {
        const batch = this.#next(walk);
        if (batch === undefined) await bell.wait(pollMs);
        else yield batch;
      }
    } finally {
      bell.close();
      walk.close();
    }
  }

  #next(walk: Walk): Batch | undefined {
    return refused(`read spool ${this.#settings.directory}`, "reader", () => walk.next());
  }

  #walk(from: ReadFrom): Walk {
    const { directory, committed, onDamage } = this.#settings;
    const cursor = from === "newest" ? this.#newest() : from;
    const start = cursor === "oldest" ? undefined : cursor;
    return new Walk({ directory, from: start, committed, onDamage });
  }

  /** Finds the place after the newest batch: only the newest segments are read. */
  #newest(): Cursor | "oldest" {
    const { directory, committed } = this.#settings;
    for (const { first } of listSegments(directory).toReversed()) {
      const from = { sequence: first - 1, hash: "", documents: 0, losses: {} };
      const walk = new Walk({ directory, from, committed, onDamage: undefined });
      let newest: Batch | undefined;
      for (let batch = this.#next(walk); batch !== undefined; batch = this.#next(walk)) {
        newest = batch;
      }
      walk.close();
      if (newest !== undefined) return { ...newest.after, losses: {} };
    }
    return "oldest";
  }
}

/** Rings when a directory changes; without a watch to be had, only the time-out wakes. */
class Bell {
  readonly #watcher: FSWatcher | undefined;
  readonly #signal: AbortSignal;
  #hasRung = false;
  #wake: (() => void) | undefined;

  constructor(directory: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#watcher = startWatch(directory, () => this.#ring());
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  async wait(timeoutMs: number): Promise<void> {
    if (this.#signal.aborted) return;
    if (!this.#hasRung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
      this.#wake = undefined;
    }
    this.#hasRung = false;
  }

  close(): void {
    this.#watcher?.close();
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => {
    this.#ring();
  };

  #ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }
}

function startWatch(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, onChange);
    // The watch of a directory that is gone fails; looking at intervals goes on.
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch (error) {
    if (isSystemError(error)) return;
    throw error;
  }
}
