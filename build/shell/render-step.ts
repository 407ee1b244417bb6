import { failureOf, type Step } from "#build/steps/step.ts";
import { quote } from "./quote.ts";

/** What differs from one package format, or kind of script, to another. */
export interface Format {
  /** Lines that act on the service. */
  readonly service: (act: Extract<Step, { kind: "service" }>["act"]) => string;
  /** Lines that act on the questions that the format asks. */
  readonly questions: (act: Extract<Step, { kind: "questions" }>["act"]) => string;
  /** A line that tells of a failure after which the script goes on. */
  readonly tell: (text: string) => string;
  /** What the administrator does once the cause of a step's failure is gone. */
  readonly retry: (step: Step) => string;
  /** Words of shell with the administrator's choices. */
  readonly answers: {
    readonly journal: string;
    readonly access: string;
    readonly tiers: string;
    /** Console and token; without it nothing is configured. */
    readonly configure?: string;
  };
}

/** Renders steps as lines of POSIX shell for `set -e`, one step after the other. */
export function renderSteps(steps: readonly Step[], format: Format): string {
  return steps.map((step) => renderStep(step, format)).join("");
}

function renderStep(step: Step, format: Format): string {
  const act = renderAct(step, format);
  if (act === "" || complaints[step.kind] === undefined) return act;
  const text = `${complaints[step.kind]}${"path" in step ? `: ${step.path}` : ""}; ${format.retry(step)}`;
  return failureOf(step) === "stop"
    ? `${act} || lg_die ${quote(text)}\n`
    : `${act} || ${format.tell(text)}\n`;
}

// Checks tell themselves what is wrong; a service or a question that fails is no step's failure.
const complaints: Readonly<Partial<Record<Step["kind"], string>>> = {
  group: "a group could not be made",
  account: "the account could not be made",
  membership: "a membership could not be changed",
  directory: "a directory could not be made",
  configure: "the answers could not be written into the configuration",
  "audit-access": "access to the audit log could not be changed",
  "audit-rules": "the audit rules could not be changed",
  erase: "a directory could not be removed",
};

function renderAct(step: Step, format: Format): string {
  switch (step.kind) {
    case "check-account":
      return "lg_check_account\n";
    case "check-directory":
      return `lg_check_directory ${quote(step.path)}\n`;
    case "group":
      return `lg_group ${quote(step.group)}`;
    case "account":
      return "lg_account";
    case "membership":
      if (step.act === "leave") return `lg_leave ${quote(step.group)}`;
      if (step.need === "always") return `lg_join ${quote(step.group)}`;
      return `lg_choose_group ${quote(step.group)} ${format.answers.journal}`;
    case "directory":
      return `lg_directory ${quote(step.path)} ${step.mode.toString(8).padStart(4, "0")}`;
    case "configure":
      return format.answers.configure === undefined
        ? ""
        : `lg_configure ${format.answers.configure}`;
    case "audit-access":
      return step.act === "grant" ? `lg_grant_access ${format.answers.access}` : "lg_revoke_access";
    case "audit-rules":
      return step.act === "activate"
        ? `lg_activate_rules ${format.answers.tiers}`
        : "lg_withdraw_rules";
    case "service":
      return format.service(step.act);
    case "questions":
      return format.questions(step.act);
    case "erase":
      return `lg_erase ${quote(step.path)}`;
    default:
      return step satisfies never;
  }
}
