/** How delivery to the console fares, in words stable enough to alert on. */
export type ConsoleState =
  /** No console knows this host: it only collects. */
  | "unenrolled"
  | "connected"
  /** The console cannot be reached, or cannot take anything now. */
  | "cut_off"
  /** Who answers is not the console, or the console does not know our authority. */
  | "untrusted"
  /** The clocks of this host and the console are so far apart that certificates seem to be over. */
  | "clock_skew"
  /** The certificate is over. */
  | "expired"
  | "revoked"
  /** The console does not let this agent in for another reason. */
  | "refused";

export interface ConsoleStatus {
  readonly state: ConsoleState;
  readonly agentId?: string;
  readonly url?: string;
  /** Why it is not connected. */
  readonly reason?: string;
  readonly lag: {
    readonly events: number;
    /** About, compressed. */
    readonly bytes: number;
    /** Age of the oldest event that is not delivered. */
    readonly seconds: number;
  };
  readonly acknowledgedAt?: string;
  /** Events that the console refused for good, since the agent started. */
  readonly rejected: number;
  /** Events that the spool had to drop, or lost, before they were delivered. */
  readonly shed: number;
  /** How far this host's clock is before the console's; absent if it is about the same. */
  readonly skewSeconds?: number;
  /** When the certificate ends. */
  readonly notAfter?: string;
}
