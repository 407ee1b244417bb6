/** How something ended, in ECS's words for `event.outcome`. */
export type Outcome = "success" | "failure" | "unknown";

const outcomes: ReadonlyMap<string, Outcome> = new Map([
  ...["success", "yes", "1", "granted", "allowed"].map((word) => [word, "success"] as const),
  ...["failed", "fail", "no", "0", "denied"].map((word) => [word, "failure"] as const),
]);

/** Reads the word of `res=`, `result=` or `success=`, or of an AVC. */
export function parseOutcome(word: string | undefined): Outcome {
  return outcomes.get(word?.toLowerCase() ?? "") ?? "unknown";
}

/**
 * Tells how a syscall ended. A connect() that does not wait (EINPROGRESS, -115) mostly succeeds
 * later, so nothing is known of it yet.
 */
export function syscallOutcome(
  syscall: string | undefined,
  success: string | undefined,
  exit: string | undefined,
): Outcome {
  return syscall === "connect" && exit === "-115" ? "unknown" : parseOutcome(success);
}
