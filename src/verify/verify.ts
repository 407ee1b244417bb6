import { accountChecks } from "./account-checks.ts";
import { auditChecks } from "./audit-checks.ts";
import { type Check, expect, fail, given, type Outcome } from "./check.ts";
import type { Facts } from "./facts.ts";
import { directoryChecks, fileChecks } from "./file-checks.ts";
import { processChecks } from "./process-checks.ts";
import { sandboxChecks, serviceChecks } from "./service-checks.ts";

const consoleChecks: readonly Check[] = [
  {
    id: "console.https",
    item: "events go to the console over HTTPS only",
    claims: ["https"],
    remedy: "linuxguard config check names the mistake; the address begins with https://",
    judge: ({ console }) =>
      given(console, (found) =>
        "url" in found ? expect(found.url.startsWith("https://"), found.url) : fail(found.problem),
      ),
  },
];

/** Everything that is checked, in the order in which it is shown. */
export const checks: readonly Check[] = [
  ...accountChecks,
  ...directoryChecks,
  ...fileChecks,
  ...processChecks,
  ...serviceChecks,
  ...sandboxChecks,
  ...auditChecks,
  ...consoleChecks,
];

/** A check and what came of it. */
export interface Judgement extends Outcome {
  readonly check: Check;
}

/** Judges what is known of a host by every check. */
export function verify(facts: Facts): readonly Judgement[] {
  return checks.map((check) => ({ check, ...check.judge(facts) }));
}
