/**
 * What an answer means for what was sent. `acknowledged`: the console has it. `retry`: later, the same
 * again. `auth`: this agent is not let in now; what it has stays where it is. `split`: too large, so in
 * smaller pieces. `reject`: the console will never take it as it is.
 */
export type AnswerClass = "acknowledged" | "retry" | "auth" | "split" | "reject";

/** The statuses with a meaning of their own. A conflict is a repeat of what the console has already. */
export const answerClasses: ReadonlyMap<number, AnswerClass> = new Map([
  [200, "acknowledged"],
  [201, "acknowledged"],
  [202, "acknowledged"],
  [409, "acknowledged"],
  [401, "auth"],
  [403, "auth"],
  [413, "split"],
  [400, "reject"],
  [415, "reject"],
  [422, "reject"],
  [408, "retry"],
  // The batch does not continue the chain that the console has: somebody there has to look at it.
  [412, "retry"],
  [425, "retry"],
  [429, "retry"],
  [500, "retry"],
  [502, "retry"],
  [503, "retry"],
  [504, "retry"],
]);

/**
 * The meaning of any status. What is not in the table is no answer of a console: a proxy or another
 * program gave it, so nothing was taken and nothing refused.
 */
export function classOfStatus(status: number): AnswerClass {
  return answerClasses.get(status) ?? "retry";
}
