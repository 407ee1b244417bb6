import type { EngineState } from "#audit/engine-state.ts";

type DoneStamp = EngineState["done"][number];

/** Records of one event come within moments; later ones are no reason to make every batch larger. */
const rememberedMs = 10_000;
/** However long ago, as many stamps of each node are kept. */
const leastStamps = 64;

/** Stamps that were completed lately, small, as every batch carries them. */
export interface DoneText {
  /** Each as its steps from the one before: `serial,milliseconds[,part[,node]]`. */
  readonly steps: string;
  /** The names of nodes, by their numbers in `steps`. */
  readonly nodes: readonly string[];
}

/** Renders the stamps that a record may still come for. */
export function renderDone(done: readonly DoneStamp[]): DoneText {
  const nodes = new Map([["", 0]]);
  const steps: string[] = [];
  let [serialBefore, timeBefore] = [0, 0];
  for (const [serial, timeMs, node, part] of pickLate(done)) {
    const name = nodes.get(node) ?? nodes.size;
    nodes.set(node, name);
    const rest = name > 0 ? `,${part},${name}` : part === 1 ? "" : `,${part}`;
    steps.push(`${serial - serialBefore},${timeMs - timeBefore}${rest}`);
    [serialBefore, timeBefore] = [serial, timeMs];
  }
  return { steps: steps.join(" "), nodes: [...nodes.keys()] };
}

/** Reads what `renderDone` made. */
export function parseDone({ steps, nodes }: DoneText): readonly DoneStamp[] {
  let [serial, timeMs] = [0, 0];
  const stamps = steps === "" ? [] : steps.split(" ");
  return stamps.map((step) => {
    const [serials = 0, times = 0, part = 1, name = 0] = step.split(",").map(Number);
    serial += serials;
    timeMs += times;
    return [serial, timeMs, nodes[name] ?? "", part];
  });
}

/** Picks, of each node, the stamps of the last moments and the last few, however long ago. */
function pickLate(done: readonly DoneStamp[]): readonly DoneStamp[] {
  const seen = new Map<string, { count: number; readonly newestMs: number }>();
  return done
    .toReversed()
    .filter(([, timeMs, node]) => {
      // A time that no log has, as steps could not be counted back from it.
      if (!Number.isSafeInteger(timeMs)) return false;
      const last = seen.get(node) ?? { count: 0, newestMs: timeMs };
      seen.set(node, last);
      last.count++;
      return last.count <= leastStamps || Math.abs(last.newestMs - timeMs) <= rememberedMs;
    })
    .toReversed();
}
