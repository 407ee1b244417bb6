import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProcessTable } from "#enrich/process-table.ts";
import { call, exec } from "./sightings.ts";

/** What a process does; an exit is not logged. */
interface Step {
  readonly kind: "spawn" | "exec" | "call" | "exit";
  readonly by: number;
}

interface Running {
  readonly pid: number;
  ppid: number;
  /** The parent's image when this one began. */
  parent: string | undefined;
  image: string;
  exe: string;
  previous: string | undefined;
  /** Its parent ended after its last event. */
  isOrphan: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("spawn", "exec", "call", "exit"),
  by: fc.nat({ max: 1_000 }),
});

/**
 * An exact model of processes: few pids, so that they are used again soon. What no log can tell apart
 * does not occur: a pid used again by a parent that the process before would have had as an orphan.
 */
class Kernel {
  readonly #running = new Map<number, Running>();
  /** Pids that are or were ancestors of a process with this pid. */
  readonly #ancestors = new Map<number, Set<number>>();
  #events = 0;

  constructor() {
    this.#start(1, undefined);
  }

  /** Does a step and gives the process that has an event of it. */
  do(step: Step): Running | undefined {
    const process = this.#pick(step.by);
    switch (step.kind) {
      case "spawn":
        return this.#spawn(process);
      case "exec":
        process.previous = process.image;
        this.#run(process);
        return process;
      case "call":
        if (process.isOrphan) this.#adopt(process);
        return process;
      case "exit":
        this.#exit(process);
        return undefined;
      default:
        return step.kind satisfies never;
    }
  }

  #pick(by: number): Running {
    const all = [...this.#running.values()];
    const chosen = all[by % all.length];
    assert.ok(chosen);
    return chosen;
  }

  #spawn(parent: Running): Running | undefined {
    const pids = [2, 3, 4, 5, 6, 7, 8, 9];
    const pid = pids.find(
      (each) => !this.#running.has(each) && !this.#ancestors.get(each)?.has(parent.pid),
    );
    return pid === undefined ? undefined : this.#start(pid, parent);
  }

  #start(pid: number, parent: Running | undefined): Running {
    const ppid = parent?.pid ?? 0;
    const child: Running = {
      ...{ pid, ppid, image: "", exe: "", isOrphan: false },
      ...{ parent: undefined, previous: undefined },
    };
    const above = parent === undefined ? [] : [...(this.#ancestors.get(ppid) ?? []), ppid, 1];
    this.#ancestors.set(pid, new Set([...(this.#ancestors.get(pid) ?? []), ...above]));
    this.#running.set(pid, child);
    this.#run(child);
    return child;
  }

  /** What exec does: another program, under the parent of now. */
  #run(process: Running): void {
    process.image = `event-${++this.#events}`;
    process.exe = `/bin/program-${this.#events}`;
    this.#adopt(process);
  }

  #adopt(process: Running): void {
    process.isOrphan = false;
    process.parent = this.#running.get(process.ppid)?.image;
  }

  /** A process ends; its children become those of init, which the log shows at their next event. */
  #exit(gone: Running): void {
    if (gone.pid === 1) return;
    this.#running.delete(gone.pid);
    for (const child of this.#running.values()) {
      if (child.ppid !== gone.pid) continue;
      child.ppid = 1;
      child.isOrphan = true;
    }
  }
}

test("ProcessTable agrees with an exact model of fork, exec, exit and pids used again", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const kernel = new Kernel();
      const table = new ProcessTable();
      table.observe(exec({ pid: 1, ppid: 0, exe: "/bin/program-1", eventId: "event-1" }));

      for (const each of steps) {
        const process = kernel.do(each);
        if (process === undefined) continue;
        const { pid, ppid, exe, image, parent, previous } = process;
        const seen = table.observe(
          each.kind === "call"
            ? call({ pid, ppid, exe })
            : exec({ pid, ppid, exe, eventId: image }),
        );
        const ids = [seen.entityId, seen.parent?.entityId, seen.previous?.entityId];
        assert.deepEqual(ids, [image, parent, previous]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("ProcessTable holds exactly what its books say, whatever it is shown", () => {
  const sighting = fc.record({
    pid: fc.integer({ min: 0, max: 9 }),
    ppid: fc.integer({ min: -1, max: 9 }),
    exe: fc.constantFrom(undefined, "/bin/a", "/bin/b", "/bin/c"),
    timeMs: fc.integer({ min: 0, max: 30_000 }),
    serial: fc.integer({ min: 0, max: 20 }),
    eventId: fc.uuid(),
    args: fc.constant(["a"]),
  });
  const show = fc.tuple(sighting, fc.boolean(), fc.boolean());
  fc.assert(
    fc.property(fc.array(show, { maxLength: 150 }), (shows) => {
      const table = new ProcessTable({ limits: { entries: 12, bytes: 2_000 } });

      for (const [{ exe, ...rest }, isExec, expires] of shows) {
        const facts = exe === undefined ? rest : { exe, ...rest };
        table.observe(isExec ? exec(facts) : call(facts));
        if (expires) table.expire(new Set([1, 2, 3]));

        assert.deepEqual(table.size, countHeld(table));
      }
    }),
    { numRuns: 1_000 },
  );
});

/** Counts what can be reached from the images that run now. */
function countHeld(table: ProcessTable): { entries: number; bytes: number } {
  const held = new Set<object>();
  let bytes = 0;
  for (const current of table.entries()) {
    for (let entry = current; !held.has(entry); entry = entry.parent ?? entry) {
      held.add(entry);
      bytes += entry.description.text.length + (entry.previous?.description.text.length ?? 0);
    }
  }
  return { entries: held.size, bytes };
}
