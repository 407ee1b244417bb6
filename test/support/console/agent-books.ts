/** One batch, or a piece of one, as the console keeps account of it. */
export interface BatchFacts {
  readonly sequence: number;
  readonly hash: string;
  readonly previousHash: string;
  /** Events of the whole batch, and before it in the agent's spool. */
  readonly count: number;
  readonly documentsBefore: number;
  readonly range: Range;
  /** The events that came, in their order; none if the console refused them for good. */
  readonly events: readonly (readonly [id: string, severity: number | null])[];
  readonly isRefused: boolean;
}

/** Which events of a batch, counted from 0, the end excluded. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What a batch is to the books. */
export type Verdict = "new" | "known" | "broken";

/** The newest batch of a chain. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** The sums over all that the console has of one agent. */
export interface AgentTotals {
  /** Batches of which at least a piece came. */
  readonly batches: number;
  /** Events by their ids, each once. */
  readonly events: number;
  /** Events that came again within other bytes. */
  readonly repeatedEvents: number;
  /** Events that the agent sealed and that never came: between batches, and pieces of batches. */
  readonly missingEvents: number;
  /** Events that the console refused for good. */
  readonly refusedEvents: number;
  /** How often the chain began anew. */
  readonly restarts: number;
  /** Events by severity; `none` for those without. */
  readonly severities: Readonly<Record<string, number>>;
}

interface HeldBatch extends ChainHead {
  readonly count: number;
  readonly documentsBefore: number;
  readonly ranges: Range[];
}

const originHash = "0".repeat(64);

/**
 * Follows the chain of one agent's batches and counts. What is missing is known exactly: each batch says
 * how many events were sealed before it, and that is under its hash.
 */
export class AgentBooks {
  readonly #batches = new Map<string, HeldBatch>();
  readonly #ids = new Set<string>();
  readonly #severities: Record<string, number> = {};
  /** What the agent said that it had sealed, by sequence, as long as it has not come. */
  readonly #claims = new Map<number, string>();
  #head: HeldBatch | undefined;
  #mayRestart = false;
  #repeatedEvents = 0;
  #missingEvents = 0;
  #refusedEvents = 0;
  #restarts = 0;

  /**
   * Judges a batch without taking it. A gap does not break the chain, as batches are shed when a disk is
   * full; another hash where one is known does.
   */
  judge(facts: BatchFacts): Verdict {
    const held = this.#batches.get(facts.hash);
    if (held !== undefined) return covers(held.ranges, facts.range) ? "known" : "new";
    if (this.#head === undefined || this.#isRestart(facts)) return "new";
    return this.#continues(facts, this.#head) ? "new" : "broken";
  }

  /** Takes a batch that was judged to be new. */
  take(facts: BatchFacts): void {
    const held = this.#batches.get(facts.hash) ?? this.#begin(facts);
    const before = lengthOf(held.ranges);
    held.ranges.push(facts.range);
    const gained = lengthOf(held.ranges) - before;
    this.#missingEvents -= gained;
    if (facts.isRefused) this.#refusedEvents += gained;
    for (const [id, severity] of facts.events) this.#count(id, severity);
  }

  /** Keeps in mind which batch the agent says is its newest. */
  claim({ sequence, hash }: ChainHead): void {
    if (sequence > (this.#head?.sequence ?? 0)) this.#claims.set(sequence, hash);
  }

  /** An operator takes the agent's chain as it is: the next batch begins it anew. */
  allowRestart(): void {
    this.#mayRestart = true;
  }

  get head(): ChainHead | undefined {
    return this.#head && { sequence: this.#head.sequence, hash: this.#head.hash };
  }

  /** The newest batch up to which everything came or was refused for good; 0 before the first. */
  get acceptedThrough(): number {
    if (this.#head === undefined) return 0;
    const { ranges, count, sequence } = this.#head;
    return covers(ranges, { from: 0, to: count }) ? sequence : sequence - 1;
  }

  /** The ids of all events, in the order in which they came. */
  get eventIds(): ReadonlySet<string> {
    return this.#ids;
  }

  get totals(): AgentTotals {
    return {
      batches: this.#batches.size,
      events: this.#ids.size,
      repeatedEvents: this.#repeatedEvents,
      missingEvents: this.#missingEvents,
      refusedEvents: this.#refusedEvents,
      restarts: this.#restarts,
      severities: { ...this.#severities },
    };
  }

  #isRestart({ sequence, previousHash }: BatchFacts): boolean {
    return this.#mayRestart || (sequence === 1 && previousHash === originHash);
  }

  #continues(facts: BatchFacts, head: HeldBatch): boolean {
    const claimed = this.#claims.get(facts.sequence);
    if (claimed !== undefined && claimed !== facts.hash) return false;
    if (facts.documentsBefore < head.documentsBefore + head.count) return false;
    if (facts.sequence === head.sequence + 1) return facts.previousHash === head.hash;
    return facts.sequence > head.sequence;
  }

  /** Goes on to a new batch: all of it is missing until it comes. */
  #begin(facts: BatchFacts): HeldBatch {
    const { sequence, hash, count, documentsBefore } = facts;
    const isRestart = this.#head !== undefined && this.#isRestart(facts);
    if (isRestart) {
      this.#restarts += 1;
      this.#claims.clear();
    } else {
      const expected = this.#head === undefined ? 0 : this.#head.documentsBefore + this.#head.count;
      this.#missingEvents += documentsBefore - expected;
    }
    this.#missingEvents += count;
    this.#mayRestart = false;
    for (const claimed of this.#claims.keys()) {
      if (claimed <= sequence) this.#claims.delete(claimed);
    }
    this.#head = { sequence, hash, count, documentsBefore, ranges: [] };
    this.#batches.set(hash, this.#head);
    return this.#head;
  }

  #count(id: string, severity: number | null): void {
    if (this.#ids.has(id)) {
      this.#repeatedEvents += 1;
      return;
    }
    this.#ids.add(id);
    const name = severity === null ? "none" : String(severity);
    this.#severities[name] = (this.#severities[name] ?? 0) + 1;
  }
}

/** Whether ranges, taken together, hold all of one. */
function covers(ranges: readonly Range[], { from, to }: Range): boolean {
  const within = ranges.map((range) => ({
    from: Math.max(range.from, from),
    to: Math.min(range.to, to),
  }));
  return ranges.length > 0 && lengthOf(within) === to - from;
}

/** How many places ranges hold, each counted once. */
function lengthOf(ranges: readonly Range[]): number {
  let length = 0;
  let end = 0;
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    length += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return length;
}
