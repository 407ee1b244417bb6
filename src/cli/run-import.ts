import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Failure } from "#base/failure.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { readConfig } from "#config/read-config.ts";
import { httpsUrl } from "#config/setting.ts";
import type { Config } from "#config/settings.ts";
import { acceptReceipt, readCarried } from "#pipeline/delivery-by-hand.ts";
import { identity as product } from "#product/identity.ts";
import { ByteReader } from "#ship/byte-reader.ts";
import { Carrier, readReceipt, renderReceipt } from "#ship/carry.ts";
import { readAuthority, transportSettings } from "#ship/console-access.ts";
import { DeadLetters } from "#ship/dead-letters.ts";
import { damaged, readExportHead } from "#ship/export-file.ts";
import { readHandedKey, readIdentity } from "#ship/identity.ts";
import { Transport } from "#ship/transport.ts";
import type { Receipt } from "#wire/shapes.ts";
import { type Handler, type Invocation, type Io, textOption } from "./command.ts";
import { openOutput } from "./output-file.ts";

const longestReceipt = 131_072;

/** Hands an export over to the console, or takes the receipt of one. */
export const runImport: Handler = async (invocation, io) => {
  const { config } = readConfig(textOption(invocation, "config"));
  const [file = ""] = invocation.arguments;
  const fd = openImport(file);
  try {
    const text = new ByteReader(fd).line(longestReceipt) ?? "";
    const isExport = text.startsWith('{"linuxguard_export":');
    return isExport
      ? await handOver(fd, { file, invocation, io, config })
      : await takeReceipt(text, { io, config });
  } finally {
    closeSync(fd);
  }
};

async function handOver(
  fd: number,
  {
    file,
    invocation,
    io,
    config,
  }: { file: string; invocation: Invocation; io: Io; config: Config },
): Promise<number> {
  const { agentId, certificate } = readExportHead(new ByteReader(fd));
  if (certificate.validToDate.getTime() < io.now()) {
    throw damaged("the first line", `the certificate is over since ${certificate.validTo}`);
  }
  const console = consoleOf(invocation, config);
  // All of it is proved before any of it is sent, and proved again as it is sent.
  const total = [...mapBatches(fd)].length;
  const transport = new Transport(transportSettings(config.console, console, undefined));
  const refused = new DeadLetters(textOption(invocation, "refused") ?? `${file}.refused`);
  let receipt: Receipt | undefined;
  let refusals = 0;
  const carrier = new Carrier(transport, (event) => {
    refused.add([event]);
    refusals++;
  });
  try {
    for (const batch of readCarried(fd)) receipt = await carrier.carry(batch);
  } finally {
    transport.close();
    if (receipt !== undefined) await writeReceipt(textOption(invocation, "receipt"), receipt);
  }
  const upTo = receipt === undefined ? "" : `, up to batch ${receipt.sequence}`;
  const text = `The console at ${console.url} has all ${total} batches of ${agentId}${upTo}`;
  const but = refusals === 0 ? "" : `; it refused ${refusals} events, which are in ${refused.path}`;
  await io.stdout.write(`${escapeUnprintable(text + but)}\n`);
  return 0;
}

/** Proves a file; what is kept of each batch is its number. */
function* mapBatches(fd: number): Generator<number, void, undefined> {
  for (const { sequence } of readCarried(fd)) yield sequence;
}

function consoleOf(invocation: Invocation, config: Config) {
  const text = textOption(invocation, "console");
  const { parser } = httpsUrl("", config.console.url);
  const url = text === undefined ? config.console.url : parser.parse(text);
  if (url === undefined) {
    throw new Failure("usage.invalid", `Cannot read option --console: current value is "${text}"`, {
      hint: `Give ${parser.form}.`,
    });
  }
  const authorityPem = readAuthority(textOption(invocation, "ca-file") ?? config.console.caFile);
  return { url, authorityPem };
}

async function writeReceipt(file: string | undefined, receipt: Receipt): Promise<void> {
  if (file === undefined) return;
  const output = openOutput(file);
  output.take(Buffer.from(renderReceipt(receipt)));
  await output.end();
}

async function takeReceipt(
  text: string,
  { io, config }: { io: Io; config: Config },
): Promise<number> {
  refuseRoot();
  const { stateDirectory } = config.agent;
  const handedKeyPem = readHandedKey(io.environment.CREDENTIALS_DIRECTORY);
  const identity = readIdentity(stateDirectory, handedKeyPem);
  if (identity === undefined) {
    throw new Failure("console.refused", "Cannot take the receipt: no console knows this host", {
      hint: "Give it on the host that exported, or give a file that export wrote.",
    });
  }
  const receipt = readReceipt(text, identity, io.now());
  const isNew = acceptReceipt(config.spool.directory, receipt);
  const known = isNew ? "" : ", which was known here";
  await io.stdout.write(`The console has everything up to batch ${receipt.sequence}${known}\n`);
  return 0;
}

/** What root writes in a directory of the agent's, the agent could have led astray. */
function refuseRoot(): void {
  if (process.geteuid?.() !== 0) return;
  throw new Failure("run.refused", `Cannot take the receipt: current value of the user id is "0"`, {
    hint: `Run it as the agent's account: runuser -u ${product.user} -- ${product.cli} import`,
  });
}

function openImport(file: string): number {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
  } catch (cause) {
    throw unreadable(file, cause);
  }
  throw unreadable(file, Object.assign(new Error("No plain file"), { code: "EINVAL" }));
}

function unreadable(file: string, cause: unknown): Failure {
  if (!(cause instanceof Error && "code" in cause)) throw cause;
  return new Failure("source.unreadable", `Cannot read ${file}: ${String(cause.code)}`, {
    hint: "Give a plain file that export wrote, or a receipt.",
    cause,
  });
}
