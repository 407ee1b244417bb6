import { identity } from "#product/identity.ts";
import { version } from "#product/version.ts";
import { type Command, type Handler, jsonOption, type Option } from "./command.ts";

/** Shows the product's version, and the versions of what it is made of as JSON. */
export const showVersion: Handler = async (invocation, io) => {
  const { node, zstd, openssl } = process.versions;
  const text = invocation.options.has("json")
    ? JSON.stringify({ version, node, zstd, openssl })
    : `${invocation.program.name} ${version}`;
  await io.stdout.write(`${text}\n`);
  return 0;
};

/** The same as an option of the programs themselves. */
export const versionOption: Option = { name: "version", short: "V", help: "Shows the version." };

/** `version` of both programs. */
export const versionCommand: Command = {
  name: "version",
  summary: "Show the version",
  description: [`Shows the version of ${identity.cli}; with --json also that of its runtime.`],
  options: [jsonOption],
  run: showVersion,
};
