import type { ProcessContext, ProcessSighting } from "#model/enrich.ts";
import {
  argumentsIn,
  argumentsOf,
  createFragment,
  hasExecutable,
  type Members,
  namesExecutable,
  noMembers,
  programOf,
} from "./fragment.ts";
import {
  clockSlackMs,
  isBefore,
  isEarlier,
  isLate,
  isStaleSeed,
  ProcessEntry,
} from "./process-entry.ts";
import {
  argumentMembers,
  type Containment,
  hasName,
  type ProcessFacts,
  parentEntityId,
  programMembers,
} from "./process-facts.ts";
import { ProcessRegistry, type RegistryLimits } from "./process-registry.ts";

export interface ProcessTableOptions {
  readonly limits?: RegistryLimits;
  /** Asks /proc for a process, on a live host. It may decline, and must not block. */
  readonly lookup?: (pid: number) => ProcessFacts | undefined;
}

/**
 * The processes of a host, as the audit log shows them. It keeps no clock; without `lookup` it is a
 * pure function of what it is shown.
 */
export class ProcessTable {
  readonly #registry: ProcessRegistry;
  readonly #lookup: (pid: number) => ProcessFacts | undefined;

  constructor({ limits, lookup = () => undefined }: ProcessTableOptions = {}) {
    this.#registry = new ProcessRegistry(limits);
    this.#lookup = lookup;
  }

  /** Processes and bytes of descriptions that are held. */
  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#registry.count, bytes: this.#registry.bytes };
  }

  /** The images that run now, and through them their ancestors. */
  entries(): Iterable<ProcessEntry> {
    return this.#registry.current();
  }

  /** Takes an event's process into the table. */
  observe(sighting: ProcessSighting): ProcessContext {
    this.#registry.makeRoom();
    const known = this.#registry.find(sighting.pid);
    if (known === undefined) return this.#begin(sighting, undefined);
    const entry = sighting.isExec ? this.#exec(known, sighting) : this.#meet(known, sighting);
    if (sighting.timeMs > entry.seenMs) entry.seenMs = sighting.timeMs;
    entry.isRecent = true;
    return entry;
  }

  /** Takes in what runs now, before any event has told of it. */
  seed(processes: Iterable<ProcessFacts>): void {
    const seeded: ProcessEntry[] = [];
    for (const facts of processes) {
      this.#registry.makeRoom();
      const known = this.#registry.find(facts.pid);
      if (known === undefined || isAnother(known, facts)) seeded.push(this.#takeFacts(facts));
    }
    for (const entry of seeded) {
      const parent = this.#registry.find(entry.ppid);
      if (entry.isCurrent && parent !== undefined) this.#registry.setParent(entry, parent);
    }
  }

  /** Puts an entry of an earlier run back, its parent before it. What has ended stays for its children. */
  restore(entry: ProcessEntry, parent: ProcessEntry | undefined, isCurrent: boolean): void {
    this.#registry.makeRoom();
    if (isCurrent) this.#registry.add(entry);
    if (parent !== undefined) this.#registry.setParent(entry, parent);
  }

  /**
   * Drops the processes that are gone: with `live`, those whose pid is not in it and that no event
   * spoke of in the last minute; without, those not heard of for a day. Ancestors of others stay.
   */
  expire(live?: ReadonlySet<number>): void {
    this.#registry.expire(live);
  }

  /** An event of a process whose pid is known. */
  #meet(known: ProcessEntry, sighting: ProcessSighting): ProcessEntry {
    if (isStaleSeed(known, sighting)) return this.#begin(sighting, undefined);
    if (hasExecutable(known.description, sighting) && this.#hasParent(known, sighting)) {
      if (known.description.executableEnd === 0 && namesExecutable(sighting)) {
        this.#describe(known, programOf(sighting), argumentsIn(known.description));
      }
      known.isSeed = false;
      return known;
    }
    if (!isLate(known, sighting)) return this.#begin(sighting, undefined);
    const { previous } = known;
    if (previous !== undefined && hasExecutable(previous.description, sighting)) return previous;
    return this.#create(sighting, sighting.eventId);
  }

  /** An exec of a process whose pid is known. */
  #exec(known: ProcessEntry, sighting: ProcessSighting): ProcessEntry {
    if (known.entityId === sighting.eventId) return known;
    if (isStaleSeed(known, sighting)) return this.#begin(sighting, undefined);
    if (isLate(known, sighting)) return this.#execLate(known, sighting);
    return this.#begin(sighting, this.#hasParent(known, sighting) ? known : undefined);
  }

  /** An exec that is logged after a later event of the same pid. */
  #execLate(known: ProcessEntry, sighting: ProcessSighting): ProcessEntry {
    if (!known.isExec && hasExecutable(known.description, sighting)) {
      this.#describe(known, programOf(sighting), argumentsOf(sighting));
      known.isExec = true;
      known.timeMs = sighting.timeMs;
      known.serial = sighting.serial;
      this.#hasParent(known, sighting);
      return known;
    }
    const entry = this.#create(sighting, sighting.eventId);
    entry.isExec = true;
    const older = known.previous;
    if (known.ppid !== sighting.ppid || (older !== undefined && isBefore(sighting, older))) {
      return entry;
    }
    if (older !== undefined) this.#registry.passChildren(older, entry);
    this.#registry.setPrevious(known, entry);
    return entry;
  }

  /** Makes a new image what the pid runs now. `previous` is the same process before its exec. */
  #begin(sighting: ProcessSighting, previous: ProcessEntry | undefined): ProcessEntry {
    const replaced = this.#registry.find(sighting.pid);
    const facts = this.#factsOf(sighting.pid, sighting.timeMs);
    const isFirst = replaced === undefined && !sighting.isExec && facts !== undefined;
    const entry = this.#create(sighting, isFirst ? facts.entityId : sighting.eventId);
    entry.isExec = sighting.isExec;
    const origin = facts !== undefined && isOther(previous, facts) ? undefined : previous;
    contain(entry, facts ?? origin ?? entry.parent);
    if (facts !== undefined) {
      entry.startTicks = facts.startTicks;
      entry.isInit ||= facts.isInit;
    } else if (origin !== undefined) {
      entry.startTicks = origin.startTicks;
      entry.isInit = origin.isInit;
    }
    if (!sighting.isExec) this.#inheritArguments(entry, sighting, facts);
    if (origin !== undefined) this.#registry.setPrevious(entry, origin);
    this.#registry.add(entry);
    if (replaced !== undefined) this.#registry.passChildren(replaced, entry);
    return entry;
  }

  /** Makes an entry that is not in the books; its parent is the image that ran at the time. */
  #create(sighting: ProcessSighting, entityId: string): ProcessEntry {
    const { pid, ppid, isExec, timeMs, serial } = sighting;
    const args = isExec ? argumentsOf(sighting) : noMembers;
    const description = createFragment(pid, entityId, programOf(sighting), args);
    const entry = new ProcessEntry(pid, ppid, entityId, description, timeMs, serial);
    entry.parent = this.#parentOf(sighting);
    contain(entry, entry.parent);
    return entry;
  }

  /** A process that never ran an exec has the arguments it was forked with. */
  #inheritArguments(
    entry: ProcessEntry,
    sighting: ProcessSighting,
    facts: ProcessFacts | undefined,
  ): void {
    const { parent } = entry;
    if (facts !== undefined && hasName(sighting, facts)) {
      this.#describe(entry, programOf(sighting), argumentMembers(facts));
    } else if (
      parent !== undefined &&
      parent.description.executableEnd !== 0 &&
      namesExecutable(sighting) &&
      hasExecutable(parent.description, sighting)
    ) {
      this.#describe(entry, programOf(sighting), argumentsIn(parent.description));
    }
  }

  /**
   * The image that ran as the parent when the event happened. One that nothing is known of gets an
   * entry too, so that its children share one id for it.
   */
  #parentOf(sighting: ProcessSighting): ProcessEntry | undefined {
    const { pid, ppid, eventId, timeMs, serial } = sighting;
    if (ppid <= 0 || ppid === pid) return undefined;
    let parent = this.#registry.find(ppid);
    if (parent !== undefined && isLate(parent, sighting)) parent = parent.previous ?? parent;
    if (parent === undefined || isStaleSeed(parent, sighting)) {
      const facts = this.#factsOf(ppid, timeMs);
      if (facts !== undefined) parent = this.#takeFacts(facts);
      else {
        const id = parentEntityId(eventId, ppid);
        const unknown = createFragment(ppid, id, noMembers, noMembers);
        parent = new ProcessEntry(ppid, -1, id, unknown, timeMs, serial);
        this.#registry.add(parent);
      }
    }
    parent.isRecent = true;
    if (!isEarlier(sighting, parent.lastChildMs, parent.lastChildSerial)) {
      parent.lastChildMs = timeMs;
      parent.lastChildSerial = serial;
    }
    return parent;
  }

  #takeFacts(facts: ProcessFacts): ProcessEntry {
    const { pid, ppid, entityId, startMs, startTicks } = facts;
    const args = argumentMembers(facts);
    const description = createFragment(pid, entityId, programMembers(facts), args);
    const entry = new ProcessEntry(pid, ppid, entityId, description, startMs, 0);
    entry.isSeed = true;
    entry.startTicks = startTicks;
    entry.isInit ||= facts.isInit;
    contain(entry, facts);
    this.#registry.add(entry);
    const parent = this.#registry.find(ppid);
    if (parent !== undefined) this.#registry.setParent(entry, parent);
    return entry;
  }

  #factsOf(pid: number, timeMs: number): ProcessFacts | undefined {
    const facts = this.#lookup(pid);
    // The process the event speaks of is gone if the one there now began after it.
    return facts !== undefined && facts.startMs > timeMs + clockSlackMs ? undefined : facts;
  }

  /** Whether an event names the parent of an entry, be it one that took over from a dead parent. */
  #hasParent(entry: ProcessEntry, sighting: ProcessSighting): boolean {
    const { ppid } = sighting;
    if (ppid === entry.ppid || ppid < 0) return true;
    if (entry.ppid >= 0 && !this.#inheritsOrphans(ppid, entry)) return false;
    entry.ppid = ppid;
    const parent = this.#parentOf(sighting);
    if (parent !== undefined) this.#registry.setParent(entry, parent);
    return true;
  }

  /** An orphan goes to the init of its namespace or to a subreaper among its ancestors: prctl(2). */
  #inheritsOrphans(pid: number, orphan: ProcessEntry): boolean {
    if (pid === 1 || this.#registry.find(pid)?.isInit === true) return true;
    for (let ancestor = orphan.parent; ancestor !== undefined; ancestor = ancestor.parent) {
      if (ancestor.pid === pid) return true;
    }
    return false;
  }

  #describe(entry: ProcessEntry, program: Members, args: Members): void {
    const description = createFragment(entry.pid, entry.entityId, program, args);
    this.#registry.setDescription(entry, description);
  }
}

/** Whether /proc shows that another process has the pid now. */
function isOther(entry: ProcessEntry | undefined, facts: ProcessFacts): boolean {
  return entry !== undefined && entry.startTicks >= 0 && entry.startTicks !== facts.startTicks;
}

/** Whether a process from /proc is another than an entry, also where only the times can tell. */
function isAnother(entry: ProcessEntry, facts: ProcessFacts): boolean {
  return isOther(entry, facts) || facts.startMs > entry.seenMs + clockSlackMs;
}

function contain(entry: ProcessEntry, containment: Containment | undefined): void {
  entry.containerId = containment?.containerId;
  entry.unit = containment?.unit;
  entry.isContained = containment?.isContained ?? false;
}
