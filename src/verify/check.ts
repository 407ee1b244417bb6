import type { CheckedClaim } from "#product/promise.ts";
import type { Fact } from "./fact.ts";
import type { Facts } from "./facts.ts";

/** `not-applicable`: this host, by its kind, cannot have it. */
export type Result = "pass" | "fail" | "unknown" | "not-applicable";

/** What a look at the facts gives. */
export interface Outcome {
  readonly result: Result;
  /** What was found, or why nothing was. */
  readonly detail: string;
}

/** The parts of the footprint, in the order in which they are shown. */
export const topics = [
  "account",
  "directory",
  "file",
  "process",
  "service",
  "sandbox",
  "audit",
  "console",
] as const;

/** Something that the footprint or the promise says of a host, and how it is judged. */
export interface Check {
  readonly id: `${(typeof topics)[number]}.${string}`;
  /** What is so if it passes. */
  readonly item: string;
  /** The sentences of the promise that it proves, or helps to. */
  readonly claims: readonly CheckedClaim[];
  /** What root does if it fails. */
  readonly remedy: string;
  readonly judge: (facts: Facts) => Outcome;
}

/** It is as it should be. */
export function pass(detail: string): Outcome {
  return { result: "pass", detail };
}

/** It is not. */
export function fail(detail: string): Outcome {
  return { result: "fail", detail };
}

/** Nobody can tell. */
export function unknown(why: string): Outcome {
  return { result: "unknown", detail: why };
}

/** This kind of host has no such thing. */
export function notApplicable(why: string): Outcome {
  return { result: "not-applicable", detail: why };
}

/** Judges what is known; what is not is unknown, with the reason. */
export function given<T>(fact: Fact<T>, judge: (value: T) => Outcome): Outcome {
  return "why" in fact ? unknown(fact.why) : judge(fact.value);
}

/** Passes if something is so, else fails. */
export function expect(isSo: boolean, detail: string): Outcome {
  return isSo ? pass(detail) : fail(detail);
}

const mostNamed = 5;

/** Passes if nothing is wrong with any of what was looked at. */
export function expectNone(wrong: readonly string[], looked: string): Outcome {
  if (wrong.length === 0) return pass(looked);
  const more = wrong.length - mostNamed;
  const named = wrong.slice(0, mostNamed).join(", ");
  return fail(more > 0 ? `${named} and ${more} more` : named);
}
