import { exitCodes } from "#base/failure.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { checkConfig, namedSettings, renderProblem } from "#config/parse-config.ts";
import { readConfig, readConfigTexts } from "#config/read-config.ts";
import { identity } from "#product/identity.ts";
import { type Command, configOption, type Handler, jsonOption, textOption } from "./command.ts";

/** Tells every mistake in the configuration, one a line; 0 if there is none. */
const check: Handler = async (invocation, io) => {
  const texts = readConfigTexts(textOption(invocation, "config"));
  const { problems } = checkConfig(texts);
  const isJson = invocation.options.has("json");
  for (const problem of problems) {
    const text = isJson ? JSON.stringify(problem) : escapeUnprintable(renderProblem(problem));
    await io.stdout.write(`${text}\n`);
  }
  if (problems.length > 0) return exitCodes["config.invalid"];
  const files = texts.map(({ file }) => escapeUnprintable(file));
  const subject =
    files.length === 0 ? `${identity.configFile} is not there; the defaults` : files.join(", ");
  if (!isJson) await io.stdout.write(`${subject}: valid\n`);
  return 0;
};

/** Shows every setting with its value and where it stands. */
const list: Handler = async (invocation, io) => {
  const { config, places } = readConfig(textOption(invocation, "config"));
  const values: Readonly<Record<string, Readonly<Record<string, unknown>>>> = config;
  for (const { name, section, property, setting } of namedSettings) {
    const value = setting.parser.render(values[section]?.[property]);
    const place = places.get(name);
    const text = invocation.options.has("json")
      ? JSON.stringify({ name, value, ...(place ?? { isDefault: true }) })
      : `${name} = ${value}\t# ${place === undefined ? "default" : `${place.file}:${place.line}`}`;
    await io.stdout.write(`${escapeRow(text)}\n`);
  }
  return 0;
};

/** The tab before the comment is ours. */
function escapeRow(text: string): string {
  return text.split("\t").map(escapeUnprintable).join("\t");
}

const configExitCodes = { [exitCodes["config.invalid"]]: "The configuration has mistakes." };

/** `config` of the command line tool. */
export const configCommand: Command = {
  name: "config",
  summary: "Check and show settings",
  description: [`Checks and shows the settings of ${identity.agent}. See linuxguard.conf(5).`],
  commands: [
    {
      name: "check",
      summary: "Check the configuration files",
      description: [
        "Checks linuxguard.conf and conf.d beside it, and tells every mistake with file, line and remedy.",
      ],
      options: [configOption, jsonOption],
      exitCodes: configExitCodes,
      examples: [
        {
          line: "linuxguard config check --config=./new.conf",
          help: "Checks a file before it is put in place.",
        },
      ],
      run: check,
    },
    {
      name: "list",
      summary: "Show all settings and where they stand",
      description: [
        "Shows every setting with its value and the file and line that set it, or that it is the default.",
      ],
      options: [configOption, jsonOption],
      exitCodes: configExitCodes,
      run: list,
    },
  ],
};
