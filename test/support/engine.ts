import { type Core, type CoreForm, createCore } from "#audit/core/core.ts";
import { AuditEngine, type EngineOptions } from "#audit/engine.ts";

const cores = new Map<CoreForm, Core>();

/** The core of a form, made once: it keeps nothing between two engines. */
export function coreOf(form: CoreForm): Core {
  const known = cores.get(form) ?? createCore(form);
  cores.set(form, known);
  return known;
}

/** What tests say of an engine; the rest is usual. */
export interface TestEngineOptions extends Partial<EngineOptions> {
  readonly form?: CoreForm;
}

/** An engine that keeps its documents, as lines of NDJSON. */
export class TestEngine {
  readonly engine: AuditEngine;
  readonly #parts: Buffer[] = [];
  /** How many documents the engine said it gave. */
  count = 0;

  constructor({ form = "webassembly", ...options }: TestEngineOptions = {}) {
    const usual = {
      hostKey: "host",
      envelope: "",
      enricher: undefined,
      records: "all",
      recordBytes: 16 * 1_024 * 1_024,
      quarantineLines: 1_000,
    } as const;
    this.engine = new AuditEngine(coreOf(form), { ...usual, ...options }, (documents, count) => {
      this.#parts.push(Buffer.from(documents));
      this.count += count;
    });
  }

  /** All documents so far, as the engine wrote them. */
  output(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** The documents so far, each as its line. */
  lines(): readonly string[] {
    return this.output().toString("utf8").split("\n").slice(0, -1);
  }

  /** Takes a log in pieces of the sizes given, the last one over and over, at one time of day. */
  push(log: Uint8Array, sizes: readonly number[] = [log.length], nowMs = 0): this {
    let index = 0;
    for (let from = 0; from < log.length; index++) {
      const size = Math.max(sizes[Math.min(index, sizes.length - 1)] ?? log.length, 1);
      this.engine.push(log.subarray(from, from + size), nowMs);
      from += size;
    }
    return this;
  }
}

/** Runs a whole log through an engine of its own; returns what it wrote. */
export function runLog(
  log: Uint8Array,
  options: TestEngineOptions = {},
  sizes: readonly number[] = [log.length],
): Buffer {
  const run = new TestEngine(options).push(log, sizes);
  run.engine.end(0);
  return run.output();
}
