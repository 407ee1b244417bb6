import { exitCodes } from "#base/failure.ts";
import type { Command } from "./command.ts";

/** `replay` of the command line tool. What does it is loaded when it runs. */
export const replayCommand: Command = {
  name: "replay",
  summary: "Turn audit logs into events",
  description: [
    "Reads audit logs of any host, also compressed with gzip, and writes their events as JSON, one a line. Files are taken as one log, in the order given: the oldest first.",
    "Nothing is asked of this host but its processor: users and processes are those that the log names.",
  ],
  arguments: [
    {
      name: "FILE",
      help: "An audit log; - is standard input.",
      isFile: true,
      isRequired: true,
      isRepeated: true,
    },
  ],
  options: [
    {
      name: "output",
      short: "o",
      value: { name: "FILE", isFile: true },
      help: "Writes the events to FILE instead of standard output.",
    },
    {
      name: "records",
      value: { name: "WHICH", choices: ["all", "odd", "none"] },
      help: "Which events carry their records as logged: all, only odd ones, or none. The default is all.",
    },
    {
      name: "redact",
      help: "Replaces passwords, tokens and keys in command lines, as the agent does; equal ones of this run have equal digests.",
    },
  ],
  exitCodes: {
    [exitCodes["source.damaged"]]:
      "Some lines were no audit records, or a file broke off; everything else was written.",
    [exitCodes["source.unreadable"]]: "A file cannot be read.",
  },
  examples: [
    {
      line: "linuxguard replay /var/log/audit/audit.log.1 /var/log/audit/audit.log",
      help: "Writes the events of two files as JSON.",
    },
  ],
  run: async (invocation, io) => await (await import("./run-replay.ts")).runReplay(invocation, io),
};
