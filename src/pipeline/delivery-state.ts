import type { ConsoleState } from "#model/console.ts";
import type { LossEntry } from "#model/ledger.ts";
import type { Identity } from "#ship/identity.ts";
import type { Outcome } from "#ship/transport.ts";
import type { Cursor } from "#spool/place.ts";
import { decode } from "#wire/decode.ts";
import { operations } from "#wire/operations.ts";
import { errorAnswer } from "#wire/shapes.ts";
import { classOfStatus } from "#wire/statuses.ts";

/** What a heartbeat tells of the console. */
interface Heard {
  readonly state: ConsoleState;
  readonly reason: string | undefined;
  /** How far this host's clock is before the console's. */
  readonly skewMs?: number;
}

const states: ReadonlyMap<string, ConsoleState> = new Map([
  ["untrusted", "untrusted"],
  ["pin", "untrusted"],
  ["tls_version", "untrusted"],
  ["certificate_expired", "untrusted"],
  ["certificate_refused", "refused"],
  ["identity_unusable", "refused"],
  ["clock_skew", "clock_skew"],
]);

/** The state that a failure of the way to the console means. */
export function stateOfFailure(reason: string): ConsoleState {
  return states.get(reason) ?? "cut_off";
}

/** The state that a console means which does not let us in. */
export function stateOfRefusal(
  code: string,
  { notAfterMs }: Pick<Identity, "notAfterMs">,
  timeMs: number,
): ConsoleState {
  if (code === "agent.revoked") return "revoked";
  if (code !== "certificate.expired") return "refused";
  // If the certificate is good here and over there, one of the two clocks is wrong.
  return timeMs < notAfterMs ? "clock_skew" : "expired";
}

/** Judges the answer to a heartbeat; `undefined` if it says nothing on whether events are taken. */
export function judgeHeartbeat(
  outcome: Outcome,
  identity: Pick<Identity, "notAfterMs">,
  timeMs: number,
): Heard | undefined {
  if (outcome.kind === "failed") {
    return { state: stateOfFailure(outcome.reason), reason: outcome.reason };
  }
  const { status, text } = outcome;
  const meaning = classOfStatus(status);
  switch (meaning) {
    case "acknowledged": {
      const answer = decode(operations.heartbeat.answer, text);
      if (answer.kind === "invalid") return { state: "cut_off", reason: "answer_not_understood" };
      const skewMs = timeMs - Date.parse(answer.value.console_time);
      return { state: "connected", reason: undefined, skewMs };
    }
    case "auth": {
      const error = decode(errorAnswer, text);
      const code = error.kind === "decoded" ? error.value.code : "unknown";
      return { state: stateOfRefusal(code, identity, timeMs), reason: code };
    }
    case "retry":
      return { state: "cut_off", reason: `status_${status}` };
    case "split":
    case "reject":
      return undefined;
    default:
      return meaning satisfies never;
  }
}

/**
 * Puts what delivery knows to be shed in the place of what the spool knows, if it is more: before the
 * host was let in, nobody read the spool, so that it counted nothing.
 */
export function withShed(
  losses: Readonly<Record<string, LossEntry>>,
  cursor: Cursor,
): Record<string, LossEntry> {
  const shed = cursor.losses.spool_full;
  if (shed === undefined || shed.events <= (losses.spool_full?.events ?? 0)) return { ...losses };
  return { ...losses, spool_full: shed };
}
