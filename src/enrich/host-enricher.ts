import type { AccountNames, Enricher, ProcessContext, ProcessSighting } from "#model/enrich.ts";
import type { Names } from "./names.ts";
import type { Proc } from "./proc.ts";
import { type ProcessSnapshot, restoreSnapshot, takeSnapshot } from "./process-snapshot.ts";
import { ProcessTable } from "./process-table.ts";

const expireEveryMs = 60_000;

export interface HostEnricherOptions {
  /** Only where the log is this host's; a log replayed has other users. */
  readonly users?: Names;
  readonly groups?: Names;
  /** Only where the log is this host's and of today. */
  readonly proc?: Proc;
  readonly bootId: string;
  /** What `node=` calls this host; absent for a log that is taken to be of one host. */
  readonly nodes?: ReadonlySet<string>;
}

/** Enriches events with what a host knows: its processes, users and groups. */
export class HostEnricher implements Enricher {
  readonly #options: HostEnricherOptions;
  readonly #proc: Proc | undefined;
  readonly #seesAll: boolean;
  readonly #table: ProcessTable;
  readonly names: AccountNames | undefined;
  #expiredMs = Number.NEGATIVE_INFINITY;

  constructor(options: HostEnricherOptions) {
    this.#options = options;
    this.names = namesOf(options);
    const access = options.proc?.access() ?? "namespace";
    // In a pid namespace of our own, /proc speaks of other processes than the log does.
    const proc = access === "namespace" ? undefined : options.proc;
    this.#proc = proc;
    this.#seesAll = access === "all";
    this.#table = new ProcessTable(proc === undefined ? {} : { lookup: (pid) => proc.lookup(pid) });
  }

  /** How many processes are known. */
  get processes(): number {
    return this.#table.size.entries;
  }

  /** Takes in what an earlier run knew, if it is of use, and what runs now. */
  start(snapshot: unknown, nowMs: number): void {
    const { bootId } = this.#options;
    restoreSnapshot(this.#table, snapshot, { bootId, timeMs: nowMs });
    if (this.#proc !== undefined) this.#table.seed(this.#proc.processes());
  }

  isOwn(node: string): boolean {
    const { nodes } = this.#options;
    return node === "" || nodes === undefined || nodes.has(node.toLowerCase());
  }

  observe(sighting: ProcessSighting): ProcessContext {
    return this.#table.observe(sighting);
  }

  /** To be called every second or oftener. */
  tick(nowMs: number): void {
    this.#options.users?.tick(nowMs);
    this.#options.groups?.tick(nowMs);
    if (this.#proc === undefined || Math.abs(nowMs - this.#expiredMs) < expireEveryMs) return;
    this.#expiredMs = nowMs;
    this.#table.expire(this.#seesAll ? this.#proc.pids() : undefined);
  }

  /** What the next run is to start with. */
  snapshot(nowMs: number): ProcessSnapshot {
    return takeSnapshot(this.#table, this.#options.bootId, nowMs);
  }
}

function namesOf({ users, groups }: HostEnricherOptions): AccountNames | undefined {
  if (users === undefined || groups === undefined) return undefined;
  return {
    userName: (uid) => users.name(uid),
    groupName: (gid) => groups.name(gid),
    invalidate: () => {
      users.invalidate();
      groups.invalidate();
    },
  };
}
