/** How the act fares by which an agent proves that it sees what happens. */
export interface CanaryStatus {
  /**
   * `off`: switched off, or there is nothing to act on. `waiting`: none has come back yet. `alive`: the
   * last one came back. `missed`: two in a row did not.
   */
  readonly state: "off" | "waiting" | "alive" | "missed";
  readonly sent: number;
  readonly seen: number;
  readonly missed: number;
  /** How long the last one took from the act to the spool. */
  readonly delayMs?: number;
  /** The likely cause of the misses. */
  readonly cause?: CanaryCause;
}

/** Where on its way an act was most likely lost. */
export type CanaryCause =
  /** The agent may not read the log. */
  | "no_access"
  /** Nothing came from auditd since the act: it is stopped or suspended, or the kernel's audit is off. */
  | "no_records"
  /** Records came, but none of the act: no rule records it. */
  | "no_rule"
  /** The agent has not read that far. */
  | "behind";
