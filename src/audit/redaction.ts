import type { RecordRedactor } from "#model/redact.ts";
import type { Core } from "./core/core.ts";
import { EVENT } from "./core/layout.ts";
import { EXECVE, OTHER, PROCTITLE, SYSCALL } from "./core/lines.ts";
import type { Line } from "./line.ts";

/** Has the secrets in an event's lines replaced: such a line is a copy from then on, of another size. */
export function redactLines(
  core: Core,
  lines: readonly Line[],
  redactor: RecordRedactor | undefined,
): void {
  if (redactor === undefined || !lines.some((line) => mayHoldSecret(core, line, redactor))) return;
  // A file may be named after what a program was told: `wget` names it after the whole address.
  const telling = lines.filter(({ type }) => type !== SYSCALL);
  const redacted = redactor.redact(telling.map((line) => bytesOf(core, line)));
  for (const [index, line] of telling.entries()) {
    const bytes = redacted[index];
    if (bytes === undefined) continue;
    line.copy = Buffer.from(bytes);
    line.end = line.start + bytes.length;
  }
}

function mayHoldSecret(core: Core, line: Line, redactor: RecordRedactor): boolean {
  if (!hasText(line)) return false;
  const { copy, start, bodyStart, end } = line;
  if (copy === undefined) return redactor.mayHoldSecret(core.bytes, bodyStart, end);
  return redactor.mayHoldSecret(copy, bodyStart - start, copy.length);
}

/** Records that neither hold a program's arguments nor what a person typed, and come in numbers. */
const wordless: ReadonlySet<string> = new Set(
  "BPRM_FCAPS CRED_ACQ CRED_DISP CRED_REFR LOGIN USER_ACCT USER_AUTH USER_END USER_START".split(
    " ",
  ),
);

function hasText({ type, typeName }: Line): boolean {
  return type === EXECVE || type === PROCTITLE || (type === OTHER && !wordless.has(typeName));
}

function bytesOf(core: Core, { copy, start, end }: Line): Uint8Array {
  return copy ?? core.bytes.subarray(start, end);
}

/** Returns where a line that is no record stands once its secrets are replaced, in the core's memory. */
export function placeRedacted(
  core: Core,
  start: number,
  end: number,
  redactor: RecordRedactor | undefined,
): readonly [start: number, end: number] {
  if (redactor === undefined || !redactor.mayHoldSecret(core.bytes, start, end))
    return [start, end];
  const [bytes] = redactor.redact([core.bytes.subarray(start, end)]);
  if (bytes === undefined) return [start, end];
  core.bytes.set(bytes, EVENT);
  return [EVENT, EVENT + bytes.length];
}
