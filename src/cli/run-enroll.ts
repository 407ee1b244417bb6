import { readFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { Failure } from "#base/failure.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { readConfig } from "#config/read-config.ts";
import { readHost } from "#enrich/host.ts";
import { identity as product } from "#product/identity.ts";
import { version } from "#product/version.ts";
import { askAt, findConsole, readAuthority, transportSettings } from "#ship/console-access.ts";
import { enrol, requireToken } from "#ship/enrol.ts";
import { identityFile, readHandedKey, readIdentity, writeIdentity } from "#ship/identity.ts";
import { type Handler, type Invocation, textOption } from "./command.ts";

/** Makes this host known to a console, and tells to which and until when. */
export const runEnroll: Handler = async (invocation, io) => {
  refuseRoot();
  const { config } = readConfig(textOption(invocation, "config"));
  const { stateDirectory } = config.agent;
  const handedKeyPem = readHandedKey(io.environment.CREDENTIALS_DIRECTORY);
  if (!invocation.options.has("replace")) refuseKnown(stateDirectory, handedKeyPem);
  const token = requireToken(await readToken(invocation));
  const authorityPem = readAuthority(config.console.caFile);
  const address = await findConsole(token, { url: config.console.url, authorityPem });
  const { ecs, key } = readHost();
  const { os, architecture } = ecs;
  const host = {
    key,
    name: config.host.name === "" ? ecs.name : config.host.name,
    os: os.full ?? os.name ?? os.type,
    architecture,
  };
  const request = { token: token.secret, agent_version: version, host };
  const ask = askAt(transportSettings(config.console, address, undefined));
  const identity = await enrol(address, request, { ask, handedKeyPem });
  write(stateDirectory, identity, handedKeyPem);
  const until = new Date(identity.notAfterMs).toISOString();
  const lines = [
    `Enrolled at ${escapeUnprintable(identity.url)} as ${identity.agentId}`,
    ...(token.caPin === undefined ? [] : [`Its authority has the pin ${token.caPin}`]),
    `The certificate holds until ${until} and is renewed before`,
  ];
  await io.stdout.write(`${lines.join("\n")}\n`);
  return 0;
};

/** What root writes in a directory of the agent's, the agent could have led astray. */
function refuseRoot(): void {
  if (process.geteuid?.() !== 0) return;
  throw new Failure("run.refused", `Cannot enroll: current value of the user id is "0"`, {
    hint: `Run it as the agent's account: runuser -u ${product.user} -- ${product.cli} enroll`,
  });
}

function refuseKnown(stateDirectory: string, handedKeyPem: string | undefined): void {
  const known = readIdentity(stateDirectory, handedKeyPem);
  if (known === undefined) return;
  throw new Failure(
    "console.refused",
    `Cannot enroll: this host is known to ${known.url} already`,
    {
      hint: "To give that up, say --replace.",
    },
  );
}

async function readToken(invocation: Invocation): Promise<string> {
  const file = textOption(invocation, "token-file");
  if (file === undefined) return await readAll(process.stdin);
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function write(...[stateDirectory, ...what]: Parameters<typeof writeIdentity>): void {
  try {
    writeIdentity(stateDirectory, ...what);
  } catch (cause) {
    throw unwritable(identityFile(stateDirectory), cause);
  }
}

function unreadable(file: string, cause: unknown): Failure {
  if (!(cause instanceof Error && "code" in cause)) throw cause;
  return new Failure("source.unreadable", `Cannot read ${file}: ${String(cause.code)}`, {
    hint: "Give a file with the token that this user may read.",
    cause,
  });
}

function unwritable(file: string, cause: unknown): Failure {
  if (!(cause instanceof Error && "code" in cause)) throw cause;
  return new Failure("output.unwritable", `Cannot write ${file}: ${String(cause.code)}`, {
    hint: `Run it as ${product.user}, with space on the disk. The token is spent: make a new one.`,
    cause,
  });
}
