import type { DoctorFacts } from "./doctor-facts.ts";
import type { Fact } from "./fact.ts";

/** The stations of an event's way, in their order. */
export const stations = ["kernel", "auditd", "log", "access", "agent", "spool", "console"] as const;

/** What is wrong: a fault keeps events away, a warning may; a note only costs, or is for somebody to decide. */
interface Trouble {
  readonly what: string;
  readonly cause: string;
  readonly risk: string;
  /** The one command that root runs next. */
  readonly command: string;
}

/** What a diagnosis comes to. */
export type Verdict =
  | { readonly state: "fine"; readonly what: string }
  | { readonly state: "unknown"; readonly cause: string }
  | ({ readonly state: "fault" | "warning" | "note" } & Trouble);

/** A question on the way of an event, and how facts answer it. */
export interface Diagnosis {
  readonly id: `${(typeof stations)[number]}.${string}`;
  readonly asks: string;
  /** `undefined`: the question does not come up here. */
  readonly judge: (facts: DoctorFacts) => Verdict | undefined;
}

/** A diagnosis as it is told. */
export interface Finding {
  readonly id: Diagnosis["id"];
  readonly state: Verdict["state"];
  readonly what: string;
  readonly cause?: string;
  readonly risk?: string;
  readonly command?: string;
}

/** It keeps no event away. */
export function fine(what: string): Verdict {
  return { state: "fine", what };
}

/** Nobody can tell. */
export function unclear(cause: string): Verdict {
  return { state: "unknown", cause };
}

/** It keeps events away. */
export function fault(trouble: Trouble): Verdict {
  return { state: "fault", ...trouble };
}

/** It may keep events away, or does so at the next boot. */
export function warning(trouble: Trouble): Verdict {
  return { state: "warning", ...trouble };
}

/** It keeps no event away, and a sound host may have it. */
export function note(trouble: Trouble): Verdict {
  return { state: "note", ...trouble };
}

/** Judges what is known; what is not is unknown, with the reason. */
export function judged<T>(
  fact: Fact<T>,
  judge: (value: T) => Verdict | undefined,
): Verdict | undefined {
  return "why" in fact ? unclear(fact.why) : judge(fact.value);
}

/** The value of a fact; `undefined` if it is not known. */
export function valueIn<T>(fact: Fact<T>): T | undefined {
  return "why" in fact ? undefined : fact.value;
}
