import { type EcsAction, recordActions } from "#audit/actions.ts";
import type { Literal } from "#audit/core/constants.ts";
import { type Call, fieldText, firstByte } from "./call.ts";
import { type EventView, groups } from "./event-view.ts";
import { key, type Writer } from "./writer.ts";

const outcomes = ["success", "failure", "unknown"] as const;
export type Outcome = (typeof outcomes)[number];

const keys = {
  success: key("success"),
  exit: key("exit"),
  res: key("res"),
  nametype: key("nametype"),
};
/** The result of a connect() that is on its way: EINPROGRESS. */
const inProgress = "-115";
/** First letters of `CREATE`, the only name type that has it, and of `yes` and `no`. */
const letterC = 0x43;
const letterY = 0x79;
const letterN = 0x6e;
const words: Readonly<Record<string, Outcome>> = {
  yes: "success",
  success: "success",
  "1": "success",
  no: "failure",
  failed: "failure",
  fail: "failure",
  "0": "failure",
};

/** An event that no table names: still a valid document, and lossless in its block. */
const unnamed: EcsAction = { category: ["host"], type: ["info"], action: "logged" };

/** Writes what happened: ECS category, type, action and outcome. */
export class ActionWriter {
  readonly #writer: Writer;
  readonly #literals = new Map<EcsAction, Literal[]>();
  readonly #creations = new Map<EcsAction, EcsAction>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Writes the rest of the `event` object and returns what it said. */
  write(view: EventView, call: Call | undefined): EcsAction {
    const action = this.#actionOf(view, call);
    const outcome = call === undefined ? this.#recordOutcome() : this.#callOutcome(call);
    const { at, size } = this.#literal(action, outcome);
    this.#writer.core.writeMember(at, size);
    return action;
  }

  #actionOf(view: EventView, call: Call | undefined): EcsAction {
    if (call === undefined) return recordActions[view.primaryTypeName] ?? unnamed;
    if (call.action === undefined) return this.#recordActionOf(view) ?? unnamed;
    const isOpened = call.action.action === "opened-file";
    return isOpened && this.#createsFile(view) ? this.#creationOf(call.action) : call.action;
  }

  /** A call that no table names may have come for the sake of a record that one does. */
  #recordActionOf({ others }: EventView): EcsAction | undefined {
    return others.map(({ typeName }) => recordActions[typeName]).find((action) => action);
  }

  #createsFile(view: EventView): boolean {
    const { core } = this.#writer;
    for (let path = 0; path < view.pathCount; path++) {
      if (firstByte(core, core.slot(groups.path + path, keys.nametype)) === letterC) return true;
    }
    return false;
  }

  #creationOf(action: EcsAction): EcsAction {
    const creation = this.#creations.get(action) ?? { ...action, type: ["creation"] };
    this.#creations.set(action, creation);
    return creation;
  }

  #callOutcome(call: Call): Outcome {
    const { core } = this.#writer;
    const first = firstByte(core, core.slot(groups.main, keys.success));
    if (first === letterY) return "success";
    const outcome = first === letterN ? "failure" : "unknown";
    if (outcome !== "failure" || call.name !== "connect") return outcome;
    return fieldText(core, core.slot(groups.main, keys.exit)) === inProgress ? "unknown" : outcome;
  }

  #recordOutcome(): Outcome {
    const { core } = this.#writer;
    const inner = core.slot(groups.message, keys.res);
    const field = inner === 0 ? core.slot(groups.main, keys.res) : inner;
    return words[fieldText(core, field)] ?? "unknown";
  }

  #literal(action: EcsAction, outcome: Outcome): Literal {
    const known = this.#literals.get(action) ?? outcomes.map((each) => this.#render(action, each));
    this.#literals.set(action, known);
    return known[outcomes.indexOf(outcome)] ?? this.#render(action, outcome);
  }

  #render({ category, type, action }: EcsAction, outcome: Outcome): Literal {
    const members = { category, type, action, outcome };
    const constant = '"kind":"event","module":"auditd","dataset":"linuxguard.audit"';
    return this.#writer.literal(`${constant},${JSON.stringify(members).slice(1)}`);
  }
}
