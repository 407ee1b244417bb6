import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { SourceItem } from "#sources/audit-log.ts";
import type { LogPosition } from "#sources/position.ts";
import { createLogFolder } from "./log-folder.ts";
import { LogModel, numberOf, type WriterStep } from "./log-model.ts";

type Step =
  | WriterStep
  /** Reads so many items, or all. */
  | { readonly kind: "read"; readonly items: number }
  /** Stops, and starts again at the last position. */
  | { readonly kind: "restart" };

const append = fc.record({
  kind: fc.constant("append" as const),
  lines: fc.integer({ min: 1, max: 8 }),
  width: fc.integer({ min: 0, max: 90 }),
});
const read = fc.record({
  kind: fc.constant("read" as const),
  items: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(Number.POSITIVE_INFINITY)),
});
const rotate = fc.constant({ kind: "rotate" as const });
const restart = fc.constant({ kind: "restart" as const });
const truncate = fc.record({
  kind: fc.constant("truncate" as const),
  lines: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 6 })),
});
const replace = fc.constant({ kind: "replace" as const });
const settings = {
  numLogs: fc.integer({ min: 2, max: 5 }),
  blockBytes: fc.integer({ min: 20, max: 200 }),
};

/** What a reader heard: numbers of whole lines, and gaps. */
type Heard = number | "gap";

interface Run {
  readonly heard: readonly Heard[];
  readonly model: LogModel;
  readonly present: readonly number[];
}

function run(steps: readonly Step[], numLogs: number, blockBytes: number): Run {
  using log = createLogFolder();
  const model = new LogModel(log, numLogs);
  const listener = new Listener();
  let source = log.open({ blockBytes });
  const readItems = (items: number) => {
    for (let count = 0; count < items; count++) {
      const item = source.read();
      if (item === undefined) return;
      listener.hear(item);
    }
  };
  for (const step of steps) {
    if (step.kind === "read") readItems(step.items);
    else if (step.kind === "restart") {
      source.close();
      const { position } = listener;
      source = log.open({ blockBytes, ...(position === undefined ? {} : { position }) });
    } else model.take(step);
  }
  readItems(Number.POSITIVE_INFINITY);
  const { present } = model;
  model.close();
  return { heard: listener.heard, model, present };
}

/** Makes lines of the items that a reader gives. */
class Listener {
  readonly heard: Heard[] = [];
  position: LogPosition | undefined;
  #partial = "";

  hear(item: SourceItem): void {
    if ("position" in item) this.position = item.position;
    switch (item.kind) {
      case "bytes": {
        const lines = (this.#partial + Buffer.from(item.bytes).toString("latin1")).split("\n");
        this.#partial = lines.pop() ?? "";
        this.heard.push(...lines.map(numberOf));
        return;
      }
      case "gap":
        // What is left of a line here is part of what was lost.
        this.#partial = "";
        this.heard.push("gap");
        return;
      case "boundary":
        assert.equal(this.#partial, "", "A file ends within a line though all lines are whole");
        return;
      case "access":
        throw new Error(`Access was ${item.state}: ${item.code}`);
      default:
        item satisfies never;
    }
  }
}

test("AuditLog gives every line once and in order, however it is rotated and stopped (R02, R03)", () => {
  // Nothing goes unread: all is read before so many rotations that the oldest file is dropped.
  const round = fc.tuple(
    fc.array(fc.oneof(append, append, restart, read, rotate), { maxLength: 14 }),
  );

  fc.assert(
    fc.property(fc.array(round, { maxLength: 4 }), settings.blockBytes, (rounds, blockBytes) => {
      const steps = rounds.flatMap(([round]) => [
        ...round,
        { kind: "read", items: Number.POSITIVE_INFINITY } as const,
      ]);
      const { heard, model } = run(steps, 16, blockBytes);

      assert.deepEqual(
        heard,
        Array.from({ length: model.written }, (_, line) => line),
      );
    }),
    { numRuns: 150 },
  );
});

test("AuditLog tells a gap wherever lines are missing or come again, and only there (R01–R04)", () => {
  const step = fc.oneof(
    append,
    append,
    append,
    read,
    read,
    rotate,
    rotate,
    restart,
    truncate,
    replace,
  );

  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      settings.numLogs,
      settings.blockBytes,
      (steps, numLogs, blockBytes) => {
        const { heard, model, present } = run(steps, numLogs, blockBytes);

        assertOrder(heard, model);
        const delivered = new Set(heard);
        for (const line of present) assert.ok(delivered.has(line), `Line ${line} is missing`);
        const gaps = heard.filter((each) => each === "gap").length;
        const restarts = steps.filter(({ kind }) => kind === "restart").length;
        const mostGaps = model.removals === 0 ? 0 : model.removals + restarts;
        assert.ok(gaps <= mostGaps, `${gaps} gaps for ${model.removals} removals`);
      },
    ),
    { numRuns: 300 },
  );
});

/** Lines follow each other; where they do not, there is a gap, or they were cut off before they were read. */
function assertOrder(heard: readonly Heard[], model: LogModel): void {
  let last: number | undefined;
  for (const each of heard) {
    if (each === "gap") {
      last = undefined;
      continue;
    }
    if (last !== undefined) {
      assert.ok(each > last, `Line ${each} comes after ${last}`);
      for (let line = last + 1; line < each; line++) {
        assert.ok(model.isDestroyed(line), `Line ${line} is missing without a gap`);
      }
    }
    last = each;
  }
}
