import { exitCodes } from "#base/failure.ts";
import { type Command, configOption } from "./command.ts";

/** `support-bundle` of the command line tool. */
export const supportBundleCommand: Command = {
  name: "support-bundle",
  summary: "Gather what support needs into one file",
  description: [
    "Gathers what status, verify, doctor, spool verify and config say, the end of the agent's own log, and what kind of host this is, into a compressed tar file that only its owner can read. Events and keys are not in it. What looks like a credential is replaced, and counted in the report.",
    "Run it as root to have all of it in. Look through the file before you hand it on.",
  ],
  options: [
    {
      name: "output",
      short: "o",
      value: { name: "FILE", isFile: true },
      help: "Writes FILE, which must not be there yet; else linuxguard-support-HOST-TIME.tar.gz here.",
    },
    { name: "preview", help: "Shows what would be in it, and writes nothing." },
    {
      name: "max-size",
      value: { name: "SIZE" },
      help: "The most that the file may hold before it is compressed, such as 4MiB; 8MiB if not given. Logs give way first, the oldest lines before others.",
    },
    configOption,
  ],
  exitCodes: {
    [exitCodes["output.unwritable"]]: "The file could not be written, or is there already.",
  },
  examples: [
    { line: "sudo linuxguard support-bundle --preview", help: "Shows what it would hold." },
    { line: "sudo linuxguard support-bundle", help: "Writes it into this directory." },
  ],
  run: async (invocation, io) =>
    await (await import("./run-support-bundle.ts")).runSupportBundle(invocation, io),
};
