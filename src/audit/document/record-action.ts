import {
  accessActions,
  type EcsAction,
  operationActions,
  operationTypes,
  recordActions,
} from "#audit/actions.ts";
import type { Core } from "#audit/core/core.ts";
import { type AccessDecision, parseAvc } from "#audit/decode/avc.ts";
import { type Outcome, parseOutcome } from "#audit/decode/outcome.ts";
import type { FieldRange, TellingRecord } from "./event-view.ts";
import { fieldText } from "./field-values.ts";
import { rawBody } from "./raw-fields.ts";
import { key } from "./writer.ts";

/** What a record tells of, and how it ended. */
export interface Telling {
  readonly action: EcsAction | undefined;
  /** What it says of the result; `undefined` if it does not say. */
  readonly outcome: Outcome | undefined;
  /** What a security module decided, where a system call beside it may have ended otherwise. */
  readonly decision: Outcome | undefined;
}

/** Record types that hold decisions of security modules, in the kernel or in programs. */
const accessTypes: ReadonlySet<string> = new Set(["AVC", "USER_AVC"]);

const keys = { op: key("op"), res: key("res"), result: key("result"), success: key("success") };

/** Reads what the telling record of an event says. */
export function readTelling(core: Core, record: TellingRecord): Telling {
  const { typeName } = record;
  if (accessTypes.has(typeName)) return tellOfAccess(typeName, readAccess(core, record));
  const action = recordActions[typeName];
  if (typeName === "ANOM_ABEND") return { action, outcome: "failure", decision: undefined };
  const said = operationTypes.has(typeName)
    ? operationActions[`${typeName}=${textOf(core, record, keys.op)}`]
    : undefined;
  return { action: said ?? action, outcome: outcomeOf(core, record), decision: undefined };
}

/** Reads what a security module decided, if the record says so. */
function readAccess(core: Core, range: FieldRange): AccessDecision | undefined {
  return parseAvc(rawBody(core, range));
}

function tellOfAccess(typeName: string, access: AccessDecision | undefined): Telling {
  if (access === undefined) return { action: recordActions[typeName], ...unsaid };
  if (access.kind === "notice") return { action: accessActions.notice, ...unsaid };
  const result = access.result.toLowerCase();
  return {
    action: accessActions[`${access.kind}-${result}`] ?? recordActions[typeName],
    outcome: undefined,
    decision: parseOutcome(result),
  };
}

const unsaid = { outcome: undefined, decision: undefined } as const;

function outcomeOf(core: Core, record: TellingRecord): Outcome | undefined {
  for (const word of [keys.res, keys.result, keys.success]) {
    const outcome = parseOutcome(textOf(core, record, word));
    if (outcome !== "unknown") return outcome;
  }
  return undefined;
}

/** A field's value as logged; what a program wrote goes before what the kernel did. */
function textOf(core: Core, { group, message }: TellingRecord, id: number): string {
  return fieldText(core, core.slot(message, id) || core.slot(group, id));
}
