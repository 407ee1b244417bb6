import { exitCodes } from "#base/failure.ts";
import { identity } from "#product/identity.ts";
import { type Command, configOption } from "./command.ts";

/** `export` of the command line tool. */
export const exportCommand: Command = {
  name: "export",
  summary: "Write events that are not delivered to a file, for a host without network",
  description: [
    "Writes all batches that the console has not acknowledged to one file, as they lie in the spool, signed with this host's key. Any host that reaches the console hands them over with import; nobody on the way can change them, leave one out or add one, but whoever has the file can read it.",
    `Nothing is taken out of the spool: the receipt that import writes tells this host what the console has. The host must have been let in before, with enroll. Run it as the account ${identity.user}, who alone may read the key.`,
  ],
  options: [
    { name: "output", value: { name: "FILE", isFile: true }, help: "Writes to FILE; required." },
    configOption,
  ],
  exitCodes: {
    [exitCodes["spool.unusable"]]: "There is no spool, or it may not be read.",
    [exitCodes["identity.damaged"]]: "The host's identity cannot be read.",
    [exitCodes["console.refused"]]: "No console knows this host.",
    [exitCodes["output.unwritable"]]: "The file could not be written.",
  },
  examples: [
    {
      line: `sudo runuser -u ${identity.user} -- linuxguard export --output=/mnt/web1.export`,
      help: "Writes what is to be carried.",
    },
  ],
  run: async (invocation, io) => await (await import("./run-export.ts")).runExport(invocation, io),
};
