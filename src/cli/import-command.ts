import { exitCodes } from "#base/failure.ts";
import { identity } from "#product/identity.ts";
import { type Command, configOption } from "./command.ts";

/** `import` of the command line tool. */
export const importCommand: Command = {
  name: "import",
  summary: "Hand what a host without network exported to the console, or take the receipt",
  description: [
    "Of a file that export wrote: proves all of it, and only then hands batch after batch to the console, which checks the signature of the host that they are from. To import the same file twice does no harm. Of a batch that the console refuses, the event is found that it will not take, and set aside. With --receipt, what the console signed is written, to be carried back.",
    `Of a receipt, on the host that exported: proves that its own console signed it, and goes on from there. Run that as the account ${identity.user}.`,
  ],
  arguments: [
    {
      name: "FILE",
      isFile: true,
      isRequired: true,
      help: "A file that export wrote, or a receipt.",
    },
  ],
  options: [
    {
      name: "console",
      value: { name: "URL" },
      help: "Hands the batches to the console there instead of that of the settings.",
    },
    {
      name: "ca-file",
      value: { name: "FILE", isFile: true },
      help: "Trusts the authority in FILE for the console, instead of that of the settings.",
    },
    {
      name: "receipt",
      value: { name: "FILE", isFile: true },
      help: "Writes the receipt to FILE, for as much as was handed over.",
    },
    {
      name: "refused",
      value: { name: "FILE", isFile: true },
      help: "Adds the events that the console will never take to FILE; without it, to one beside the file that is imported, whose name ends with .refused.",
    },
    configOption,
  ],
  exitCodes: {
    [exitCodes["source.unreadable"]]: "The file could not be read.",
    [exitCodes["source.damaged"]]: "The file is not as it was written, or the receipt not good.",
    [exitCodes["console.unreachable"]]: "The console could not be reached; run it again.",
    [exitCodes["console.refused"]]: "The console refused a batch, or it was started as root.",
    [exitCodes["output.unwritable"]]: "The receipt could not be written.",
  },
  examples: [
    {
      line: "linuxguard import web1.export --receipt=web1.receipt",
      help: "Hands over what was carried.",
    },
    {
      line: `sudo runuser -u ${identity.user} -- linuxguard import web1.receipt`,
      help: "Tells the host that exported what the console has.",
    },
  ],
  run: async (invocation, io) => await (await import("./run-import.ts")).runImport(invocation, io),
};
