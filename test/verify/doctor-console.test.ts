import type { ConsoleState } from "#model/console.ts";
import { butStatus, names } from "./doctor-names.ts";
import { soundStatus } from "./doctor-sound.ts";

/** The sound host where the way to the console is in another state. */
function butLink(state: ConsoleState) {
  return butStatus({ console: { ...soundStatus.console, state, reason: "this reason" } });
}

names("a host that no console knows", butLink("unenrolled"), "console.link", "note", /enroll/);
names(
  "a host that no console knows, whose spool fills up",
  butStatus({
    console: { ...soundStatus.console, state: "unenrolled" },
    spool: { ...soundStatus.spool, shedsBelow: "ordinary" },
  }),
  "console.link",
  "warning",
  /below ordinary severity.*console\.expected = no.*enroll/,
);
names(
  "a console that is not reached",
  butLink("cut_off"),
  "console.link",
  "warning",
  /this reason.*1 events wait/,
);
names(
  "a stranger",
  butLink("untrusted"),
  "console.link",
  "fault",
  /console\.example.* not trusted/,
);
names("clocks that differ", butLink("clock_skew"), "console.link", "fault", /timedatectl/);
for (const state of ["expired", "revoked", "refused"] as const) {
  names(`a certificate that is ${state}`, butLink(state), "console.link", "fault", /--replace$/);
}
