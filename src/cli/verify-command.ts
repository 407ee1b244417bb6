import { hostname } from "node:os";
import { Failure } from "#base/failure.ts";
import { escapeJson, escapeUnprintable } from "#base/printable.ts";
import { readConfig } from "#config/read-config.ts";
import { identity } from "#product/identity.ts";
import { claims } from "#product/promise.ts";
import { version } from "#product/version.ts";
import { type Result, topics } from "#verify/check.ts";
import type { Fact } from "#verify/fact.ts";
import type { ConsoleFact } from "#verify/facts.ts";
import { gather } from "#verify/gather.ts";
import { createHost } from "#verify/host.ts";
import { type Judgement, verify } from "#verify/verify.ts";
import { createPaint, type Look, wantsColor } from "./color.ts";
import { type Command, colorOption, type Handler, jsonOption } from "./command.ts";

const exitFailed = 1;
const exitUnknown = 2;

const looks: Readonly<Record<Result, Look>> = {
  pass: "success",
  fail: "failure",
  unknown: "unknown",
  "not-applicable": "minor",
};
const words: Readonly<Record<Result, string>> = {
  pass: "pass",
  fail: "FAIL",
  unknown: "unknown",
  "not-applicable": "n/a",
};

/** Checks what LinuxGuard is on this host against what it says it is. */
const runVerify: Handler = async (invocation, io) => {
  const found = verify(await gather(createHost(), readConsole()));
  const text = invocation.options.has("json")
    ? `${escapeJson(JSON.stringify(describe(found)))}\n`
    : render(found, wantsColor(invocation, io));
  await io.stdout.write(text);
  if (count(found, "fail") > 0) return exitFailed;
  return count(found, "unknown") > 0 ? exitUnknown : 0;
};

/** `verify` of the command line tool. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "Check that the agent is set up as it was promised",
  description: [
    "Checks account, directories, files, processes, service, sandbox, audit system and console against what the package sets up and what the product promises of it. It changes nothing.",
    "Only root can see all of it. What another user cannot see is unknown, never passed. Not applicable is what this kind of host cannot have.",
  ],
  options: [
    { ...jsonOption, help: "Writes JSON, one object, with the sentences that each check proves." },
    colorOption,
  ],
  exitCodes: {
    [exitFailed]: "At least one check failed.",
    [exitUnknown]: "No check failed, but not all could be made.",
  },
  examples: [
    { line: "sudo linuxguard verify", help: "Checks all of it." },
    {
      line: "sudo linuxguard verify --json | jq '.checks[] | select(.result == \"fail\")'",
      help: "Shows what failed, and the sentence of the promise that does not hold.",
    },
  ],
  run: runVerify,
};

function readConsole(): Fact<ConsoleFact> {
  try {
    return { value: { url: readConfig().config.console.url } };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { cause, message } = error;
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EACCES") return { why: `only root and ${identity.user} may read the settings` };
    return { value: { problem: message.split("\n", 1)[0] ?? "" } };
  }
}

function count(found: readonly Judgement[], result: Result): number {
  return found.filter((each) => each.result === result).length;
}

/** What is written as JSON. */
function describe(found: readonly Judgement[]): object {
  const unchecked = claims.flatMap((claim) => ("unchecked" in claim ? [claim] : []));
  return {
    version,
    host: hostname(),
    passed: count(found, "pass"),
    failed: count(found, "fail"),
    unknown: count(found, "unknown"),
    notApplicable: count(found, "not-applicable"),
    checks: found.map(({ check, result, detail }) => ({
      id: check.id,
      item: check.item,
      result,
      detail,
      ...(result === "fail" && { remedy: check.remedy }),
      promise: claims.filter(({ id }) => check.claims.some((each) => each === id)),
    })),
    unchecked,
  };
}

function render(found: readonly Judgement[], color: boolean): string {
  const paint = createPaint({ color });
  const width = Math.max(...found.map(({ check }) => check.item.length));
  const groups = topics.map((topic) => {
    const lines = found
      .filter(({ check }) => check.id.startsWith(`${topic}.`))
      .map(({ check, result, detail }) => {
        const word = paint(looks[result], words[result].padEnd(7));
        const line = `  ${word}  ${check.item.padEnd(width)}  ${escapeUnprintable(detail)}\n`;
        return result === "fail" ? `${line}           → ${check.remedy}\n` : line;
      });
    return `${topic}\n${lines.join("")}`;
  });
  return `${groups.join("\n")}\n${renderSummary(found)}\n`;
}

function renderSummary(found: readonly Judgement[]): string {
  const rest = count(found, "not-applicable");
  const counts = [
    `${count(found, "pass")} passed`,
    `${count(found, "fail")} failed`,
    `${count(found, "unknown")} unknown`,
    ...(rest === 0 ? [] : [`${rest} not applicable`]),
  ].join(", ");
  const hasUnseen = count(found, "unknown") > 0 && process.geteuid?.() !== 0;
  return hasUnseen ? `${counts}. Run it as root to see all` : counts;
}
