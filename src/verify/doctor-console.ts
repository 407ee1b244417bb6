import type { AgentStatus } from "#model/status.ts";
import { footprint } from "#product/footprint.ts";
import { judgeStatus, showLog } from "./doctor-agent.ts";
import { type Diagnosis, fault, fine, note, type Verdict, warning } from "./doctor-finding.ts";

const enroll = `runuser -u ${footprint.account.name} -- linuxguard enroll`;

/** What is asked of the way to the console. */
export const consoleDiagnoses: readonly Diagnosis[] = [
  {
    id: "console.link",
    asks: "Does the console take the events?",
    judge: (facts) => judgeStatus(facts, judgeLink),
  },
];

function judgeLink({ console, spool: { shedsBelow } }: AgentStatus): Verdict {
  const { lag, reason, state, url } = console;
  const cause = reason ?? `the agent says ${state}`;
  const risk = `${lag.events} events wait in the spool, which gives its oldest away once it is full`;
  switch (state) {
    case "connected":
      return fine(`${url} takes the events; ${lag.events} wait`);
    case "unenrolled": {
      const what = "no console knows this host";
      if (shedsBelow !== undefined) {
        return warning({
          what,
          cause: "a console is expected, but this host was given no enrolment token",
          risk: `the spool is nearly full: events below ${shedsBelow} severity are shed. If there is to be no console, set console.expected = no`,
          command: enroll,
        });
      }
      // A host may be meant to keep its events to itself.
      const cause = "it was given no enrolment token";
      return note({ what, cause, risk: "events stay on this host", command: enroll });
    }
    case "cut_off":
      return warning({ what: `${url} takes no events`, cause, risk, command: showLog });
    case "untrusted":
      return fault({ what: `who answers at ${url} is not trusted`, cause, risk, command: showLog });
    case "clock_skew": {
      const command = "timedatectl set-ntp true";
      return fault({ what: "the clocks of host and console differ", cause, risk, command });
    }
    case "expired":
    case "revoked":
    case "refused":
      return fault({
        what: `${url} does not let this agent in`,
        cause,
        risk,
        command: `${enroll} --replace`,
      });
    default:
      return state satisfies never;
  }
}
