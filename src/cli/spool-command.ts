import { exitCodes, Failure } from "#base/failure.ts";
import { escapeJson, escapeUnprintable } from "#base/printable.ts";
import { readConfig } from "#config/read-config.ts";
import { type SpoolVerification, verifySpool } from "#spool/verify.ts";
import {
  type Command,
  configOption,
  type Handler,
  type Invocation,
  jsonOption,
  textOption,
} from "./command.ts";

const exitBroken = 1;

/** Proves that nothing in the spool was edited, cut or reordered. */
const verify: Handler = async (invocation, io) => {
  const known = readHead(invocation);
  const { config } = readConfig(textOption(invocation, "config"));
  const { directory } = config.spool;
  const found = verifySpool(directory, known);
  const text = invocation.options.has("json")
    ? escapeJson(JSON.stringify(describe(directory, found)))
    : render(directory, found);
  await io.stdout.write(`${text}\n`);
  return found.broken === undefined ? 0 : exitBroken;
};

/** `spool` of the command line tool. */
export const spoolCommand: Command = {
  name: "spool",
  summary: "Look after the spool",
  description: ["Looks after the spool, where events are kept until they are delivered."],
  commands: [
    {
      name: "verify",
      summary: "Prove that the spool is as it was written",
      description: [
        "Walks the chain of hashes over all batches, without network and without the agent, and tells the first place where something was edited, cut out or reordered.",
        "Batches cut off the end leave no trace in the spool itself. The head that was shown before, here or at the console, tells: give it with --head.",
      ],
      options: [
        {
          name: "head",
          value: { name: "SEQUENCE:HASH" },
          help: "The newest batch as it was shown before: it must be there, with this hash.",
        },
        configOption,
        jsonOption,
      ],
      exitCodes: {
        [exitBroken]: "The spool is not as it was written.",
        [exitCodes["spool.unusable"]]: "There is no spool, or it may not be read.",
        [exitCodes["config.invalid"]]: "The configuration has mistakes.",
      },
      examples: [
        { line: "linuxguard spool verify", help: "Checks the spool of this host." },
        {
          line: "linuxguard spool verify --json | jq -r '\"\\(.head.sequence):\\(.head.hash)\"'",
          help: "Shows the head, to be kept elsewhere.",
        },
      ],
      run: verify,
    },
  ],
};

function readHead(invocation: Invocation): readonly { sequence: number; hash: string }[] {
  const text = textOption(invocation, "head");
  if (text === undefined) return [];
  const { sequence, hash } =
    /^(?<sequence>\d{1,15}):(?<hash>[0-9a-f]{64})$/.exec(text)?.groups ?? {};
  if (sequence === undefined || hash === undefined) {
    throw new Failure("usage.invalid", `Cannot read option --head: current value is "${text}"`, {
      hint: "Give a sequence and a hash of 64 hexadecimal digits with a colon between.",
    });
  }
  return [{ sequence: Number(sequence), hash }];
}

/** What is written as JSON. */
function describe(directory: string, found: SpoolVerification): object {
  const { batches, documents, missingBatches, tornBytes, from, to, broken } = found;
  return {
    directory,
    isWhole: broken === undefined,
    batches,
    documents,
    missingBatches,
    tornBytes,
    ...(from && { first: from.sequence + 1 }),
    ...(to && { head: { sequence: to.sequence, hash: to.hash } }),
    ...(broken && { broken }),
  };
}

function render(directory: string, found: SpoolVerification): string {
  const { batches, documents, missingBatches, tornBytes, to, broken } = found;
  const lines = [`${escapeUnprintable(directory)}: ${batches} batches, ${documents} documents`];
  if (missingBatches > 0)
    lines.push(`${missingBatches} batches are missing, as the agent recorded`);
  if (tornBytes > 0) lines.push(`${tornBytes} bytes at the end are an append that did not end yet`);
  if (to !== undefined) lines.push(`Head: ${to.sequence}:${to.hash}`);
  if (broken === undefined) return [...lines, "The chain holds"].join("\n");
  const { kind, path, offset, sequence } = broken;
  const place = `batch ${sequence}, ${escapeUnprintable(path)} at byte ${offset}`;
  return [...lines, `The chain is broken (${kind}): ${place}`].join("\n");
}
