import { exitCodes, Failure } from "#base/failure.ts";
import { findNearest } from "#base/nearest.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { checkConfig, namedSettings } from "#config/parse-config.ts";
import { readConfigTexts } from "#config/read-config.ts";
import { writeSettings, writeToken } from "#config/write-config.ts";
import { identity } from "#product/identity.ts";
import { type Command, configOption, type Handler, type Io, textOption } from "./command.ts";

const tokenKey = "enrolment.token";
/** The settings that may be given. */
const settingKeys = ["console.url"];
const longestInputBytes = 65_536;

/** What was given, checked. An answer that is empty is not among them. */
interface Answers {
  readonly settings: ReadonlyMap<string, string>;
  readonly token: string | undefined;
}

/** Puts what standard input says into the agent's own files. */
const configure: Handler = async (invocation, io) => {
  refuseRoot();
  if (!invocation.options.has("stdin")) {
    throw new Failure("usage.invalid", "Cannot configure: --stdin is missing", {
      hint: "Give --stdin and, on standard input, lines such as console.url=https://….",
    });
  }
  const { settings, token } = parseAnswers(await readInput());
  const file = textOption(invocation, "config") ?? identity.configFile;
  if (settings.size > 0) writeSettings(file, settings);
  if (token !== undefined) writeToken(file, token);
  await tellOverruled(file, settings, io);
  return 0;
};

/** `configure` of the agent. */
export const configureCommand: Command = {
  name: "configure",
  summary: "Take settings from standard input",
  description: [
    `Reads lines of the form KEY=VALUE and puts them into the agent's files. console.url is put into linuxguard.conf, whose other lines stay as they are. ${tokenKey} is put into a file of its own beside it, enrolment-token, which only the agent's account can read. A value that is empty changes nothing.`,
    "It is for installers, and for a token that must not stand on a command line. It runs as the agent's account and refuses to run as root.",
  ],
  options: [
    { name: "stdin", help: "Reads the lines from standard input." },
    {
      ...configOption,
      help: "Writes FILE, and enrolment-token beside it, in place of the product's own.",
    },
  ],
  exitCodes: {
    [exitCodes["output.unwritable"]]: "A file could not be written.",
    [exitCodes["run.refused"]]: "It was started as root.",
    [exitCodes["config.invalid"]]:
      "A value cannot be used, or the file there is no file of settings.",
  },
  examples: [
    {
      line: `echo console.url=https://console.example/v1/ | runuser -u ${identity.user} -- ${identity.agent} configure --stdin`,
      help: "Sets the console, as root.",
    },
  ],
  run: configure,
};

/** What root writes in a directory of the agent's, the agent could have led astray. */
function refuseRoot(): void {
  if (process.geteuid?.() !== 0) return;
  throw new Failure("run.refused", `Cannot configure: current value of the user id is "0"`, {
    hint: `Run it as the user ${identity.user}: runuser -u ${identity.user} -- ${identity.agent} configure --stdin`,
  });
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk as Uint8Array);
    chunks.push(bytes);
    sizeBytes += bytes.length;
    if (sizeBytes <= longestInputBytes) continue;
    throw new Failure("usage.invalid", "Cannot read standard input: it has more than 64KiB", {
      hint: "Give a few lines KEY=VALUE.",
    });
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A line's text is never told, for it may be the token. */
function parseAnswers(text: string): Answers {
  const settings = new Map<string, string>();
  let token: string | undefined;
  const seen = new Set<string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const at = line.indexOf("=");
    const key = line.slice(0, Math.max(at, 0)).trim();
    requireKey(key, index + 1, seen);
    const value = line.slice(at + 1).trim();
    if (value === "") continue;
    if (key === tokenKey) token = parseToken(value);
    else settings.set(key, parseSetting(key, value));
  }
  return { settings, token };
}

function requireKey(key: string, lineNumber: number, seen: Set<string>): void {
  const keys = [...settingKeys, tokenKey];
  if (!keys.includes(key)) {
    const meant = findNearest(key, keys);
    throw new Failure("usage.invalid", `Cannot read line ${lineNumber} of standard input`, {
      hint:
        meant === undefined ? `Give lines ${keys.join("=… or ")}=….` : `Did you mean ${meant}=…?`,
    });
  }
  if (seen.has(key)) {
    throw new Failure("usage.invalid", `Cannot set ${key} twice`, { hint: "Give it once." });
  }
  seen.add(key);
}

function parseSetting(key: string, text: string): string {
  const parser = namedSettings.find(({ name }) => name === key)?.setting.parser;
  const value = parser?.parse(text);
  if (parser !== undefined && value !== undefined) return parser.render(value);
  throw new Failure("config.invalid", `Cannot set ${key}: current value is "${text}"`, {
    hint: `Give ${parser?.form}.`,
  });
}

function parseToken(text: string): string {
  if (/^[\x21-\x7e]{1,4096}$/.test(text)) return text;
  throw new Failure(
    "config.invalid",
    `Cannot set ${tokenKey}: it is not told here, as it is secret`,
    {
      hint: "Give the token as the console shows it: one word of ASCII characters, 4096 at most.",
    },
  );
}

/** A file in conf.d counts more than the one that was written. */
async function tellOverruled(
  file: string,
  settings: ReadonlyMap<string, string>,
  io: Io,
): Promise<void> {
  if (settings.size === 0) return;
  const { places } = checkConfig(readConfigTexts(file));
  for (const name of settings.keys()) {
    const place = places.get(name);
    if (place === undefined || place.file === file) continue;
    const where = escapeUnprintable(`${place.file}:${place.line}`);
    await io.stderr.write(`${identity.agent}: ${name} is set in ${where}, too, and that counts\n`);
  }
}
