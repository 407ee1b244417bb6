import { exitCodes } from "#base/failure.ts";
import { identity } from "#product/identity.ts";
import { type Command, configOption } from "./command.ts";

/** `enroll` of the command line tool. */
export const enrollCommand: Command = {
  name: "enroll",
  summary: "Make this host known to a console",
  description: [
    "Takes an enrolment token, as the console shows it, from standard input or a file. The key is made on this host and never leaves it; the console gives a certificate for it. A token with a pin also tells whom to trust: the console's authority is found by it and shown.",
    `Run it as the account ${identity.user}: what root writes in the agent's directories, the agent could lead astray. The agent takes the identity within seconds. A token in the file enrolment-token beside the settings does the same without this command.`,
  ],
  options: [
    {
      name: "token-file",
      value: { name: "FILE", isFile: true },
      help: "Reads the token from FILE instead of standard input. It is never given on the command line, which others can see.",
    },
    {
      name: "replace",
      help: "Gives up the identity that the host has, and takes the new one.",
    },
    configOption,
  ],
  exitCodes: {
    [exitCodes["console.unreachable"]]: "The console could not be reached.",
    [exitCodes["console.untrusted"]]: "Who answered is not the console that the token is of.",
    [exitCodes["console.refused"]]: "The console refused the token, or it was started as root.",
    [exitCodes["output.unwritable"]]: "The identity could not be written.",
  },
  examples: [
    {
      line: `sudo runuser -u ${identity.user} -- linuxguard enroll`,
      help: "Waits for the token to be pasted, and for Ctrl-D.",
    },
  ],
  run: async (invocation, io) => await (await import("./run-enroll.ts")).runEnroll(invocation, io),
};
