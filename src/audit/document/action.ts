import type { EcsAction } from "#audit/actions.ts";
import type { Literal } from "#audit/core/constants.ts";
import type { Outcome } from "#audit/decode/outcome.ts";
import { type Call, opensForWriting } from "./call.ts";
import { type EventView, groups } from "./event-view.ts";
import { fieldText, firstByte } from "./field-values.ts";
import { readTelling } from "./record-action.ts";
import { key, type Writer } from "./writer.ts";

const outcomes = ["success", "failure", "unknown"] as const satisfies readonly Outcome[];

const keys = { success: key("success"), exit: key("exit"), nametype: key("nametype") };
/** The result of a connect() that is on its way: EINPROGRESS. */
const inProgress = "-115";
/** First letters of `CREATE`, the only name type that has it, and of `yes` and `no`. */
const letterC = 0x43;
const letterY = 0x79;
const letterN = 0x6e;

/** An event that no table names: still a valid document, and lossless in its block. */
const unnamed: EcsAction = { category: ["host"], type: ["info"], action: "logged" };

/** Writes what happened: ECS category, type, action and outcome. */
export class ActionWriter {
  readonly #writer: Writer;
  readonly #literals = new Map<EcsAction, Literal[]>();
  readonly #creations = new Map<EcsAction, EcsAction>();
  readonly #changes = new Map<EcsAction, EcsAction>();
  readonly #merged = new Map<EcsAction, Map<EcsAction, EcsAction>>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Writes the rest of the `event` object and returns what it said. */
  write(view: EventView, call: Call | undefined): EcsAction {
    if (view.telling === undefined) {
      const action = call === undefined ? undefined : this.#callAction(view, call);
      return this.#write(action ?? unnamed, this.#callOutcome(call));
    }
    const { action, outcome, decision } = readTelling(this.#writer.core, view.telling);
    if (call === undefined) return this.#write(action ?? unnamed, outcome ?? decision ?? "unknown");
    return this.#write(
      this.#merge(action, this.#callAction(view, call)),
      outcome ?? this.#callOutcome(call),
    );
  }

  #write(action: EcsAction, outcome: Outcome): EcsAction {
    const { at, size } = this.#literal(action, outcome);
    this.#writer.core.writeMember(at, size);
    return action;
  }

  #callAction(view: EventView, call: Call): EcsAction | undefined {
    const { action } = call;
    if (action?.action !== "opened-file") return action;
    if (this.#createsFile(view)) return variant(this.#creations, action, "creation");
    const isChange = opensForWriting(this.#writer.core, call, view);
    return isChange ? variant(this.#changes, action, "change") : action;
  }

  /**
   * What a record tells goes before the call that carried it: the call adds its categories, but not
   * its types, for a message to the kernel is no connection.
   */
  #merge(record: EcsAction | undefined, call: EcsAction | undefined): EcsAction {
    if (record === undefined || call === undefined) return record ?? call ?? unnamed;
    const known = this.#merged.get(record) ?? new Map<EcsAction, EcsAction>();
    this.#merged.set(record, known);
    const merged = known.get(call) ?? mergeActions(record, call);
    known.set(call, merged);
    return merged;
  }

  #createsFile(view: EventView): boolean {
    const { core } = this.#writer;
    for (let path = 0; path < view.pathCount; path++) {
      if (firstByte(core, core.slot(groups.path + path, keys.nametype)) === letterC) return true;
    }
    return false;
  }

  #callOutcome(call: Call | undefined): Outcome {
    if (call === undefined) return "unknown";
    const { core } = this.#writer;
    const first = firstByte(core, core.slot(groups.main, keys.success));
    if (first === letterY) return "success";
    const outcome = first === letterN ? "failure" : "unknown";
    if (outcome !== "failure" || call.name !== "connect") return outcome;
    return fieldText(core, core.slot(groups.main, keys.exit)) === inProgress ? "unknown" : outcome;
  }

  #literal(action: EcsAction, outcome: Outcome): Literal {
    let known = this.#literals.get(action);
    if (known === undefined) {
      known = outcomes.map((each) => this.#render(action, each));
      this.#literals.set(action, known);
    }
    return known[outcomes.indexOf(outcome)] ?? this.#render(action, outcome);
  }

  #render({ category, type, action }: EcsAction, outcome: Outcome): Literal {
    const members = { category, type, action, outcome };
    const constant = '"kind":"event","module":"auditd","dataset":"linuxguard.audit"';
    return this.#writer.literal(`${constant},${JSON.stringify(members).slice(1)}`);
  }
}

/** Each category has a type of its own: `info` is one of any. */
function mergeActions(record: EcsAction, call: EcsAction): EcsAction {
  const category = [...new Set([...record.category, ...call.category])];
  const isWider = category.length > record.category.length;
  const type = [...new Set([...record.type, ...(isWider ? ["info"] : [])])];
  return { ...record, category, type };
}

function variant(
  known: Map<EcsAction, EcsAction>,
  action: EcsAction,
  type: "creation" | "change",
): EcsAction {
  const made = known.get(action) ?? { ...action, type: [type] };
  known.set(action, made);
  return made;
}
