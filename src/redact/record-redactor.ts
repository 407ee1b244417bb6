import type { RecordRedactor } from "#model/redact.ts";
import { findInArguments, findInJoined } from "./command-secrets.ts";
import { decodeValue, encodeValue } from "./encoded-value.ts";
import { redactExec } from "./exec-records.ts";
import { mayHoldSecret } from "./prefilter.ts";
import type { Redactor } from "./redactor.ts";
import { mergeSpans, type Span, spanOf } from "./span.ts";
import { findInText } from "./text-secrets.ts";
import { findTyped } from "./typed-secrets.ts";

/** Secrets of one event that get a digest each; a line of log grows by no more than that takes. */
const replacementsPerEvent = 2_000;
/** The kernel keeps as many bytes of a process's title, the last one a NUL. Source: MAX_PROCTITLE_AUDIT_LEN. */
const titleBytes = 127;
/** As many of an exec's secrets are looked for at the end of its title. */
const titleSecrets = 64;
/** The shortest beginning of a secret that is looked for at the end of a title that was cut. */
const leastBeginning = 4;

/** Creates what replaces the secrets in the records of an event; they stay records of the same form. */
export function createRecordRedactor(redactor: Redactor): RecordRedactor {
  return {
    mayHoldSecret,
    redact: (lines) => {
      redactor.allow(replacementsPerEvent);
      const texts = lines.map((line) => Buffer.from(line).toString("latin1"));
      const { secrets, texts: redacted } = redactExec(texts, redactor);
      return redacted.map((text, index) => {
        const changed = redactRecord(text, redactor, secrets);
        return changed === texts[index] ? undefined : Buffer.from(changed, "latin1");
      });
    },
  };
}

function redactRecord(line: string, redactor: Redactor, secrets: ReadonlySet<string>): string {
  if (isExec.test(line)) return line;
  const encoded = line.replaceAll(
    encodedField,
    (field, head: string, key: string, value: string) => {
      const changed = redactValue(key, value, redactor, secrets);
      return changed === undefined ? field : head + changed;
    },
  );
  const parts = encoded.split(argumentField);
  return parts.map((part) => redactor.replace(part, findInText(part)) ?? part).join("");
}

/** All there is to redact in it are the arguments. */
const isExec =
  /^(?:node=[^ ]* )?type=EXECVE msg=audit\([\d.:]*\): (?:argc=\d+)?(?: a\d+(?:_len|\[\d+\])?=(?:"[^"]*"|[^ "]*))*$/;
/** An argument of an exec, which ends the text before it. */
const argumentField = /( a\d{1,9}(?:_len|\[\d{1,9}\])?=(?:"[^"]*"?|[^ ]*))/;

/** A field whose value is quoted or in hexadecimal; `a0` and the like were looked at with the whole exec. */
const encodedField =
  /((?<![A-Za-z0-9_-])(?!a\d+(?:\[\d+\])?=)([A-Za-z][A-Za-z0-9_-]*)=)("[^"]*"|(?:[0-9A-F]{2}){4,}(?![0-9A-Za-z]))/g;

function redactValue(
  key: string,
  value: string,
  redactor: Redactor,
  secrets: ReadonlySet<string>,
): string | undefined {
  const isTyped = key === "data";
  const { text, isHex } = decodeValue(value, isTyped);
  if (value.startsWith('"') || isHex) {
    const changed = redactText(key, text, redactor, secrets);
    return changed === undefined ? undefined : encodeValue(changed, isTyped && isHex);
  }
  return undefined;
}

function redactText(
  key: string,
  text: string,
  redactor: Redactor,
  secrets: ReadonlySet<string>,
): string | undefined {
  switch (key) {
    case "proctitle":
      return redactTitle(text, redactor, secrets);
    case "cmd":
      return redactor.replace(text, findInJoined(text));
    case "data":
    case "msg":
      return redactor.replace(text, findTyped(text));
    default:
      return redactor.replace(text, findInText(text));
  }
}

/** Replaces the secrets in a process's title: its arguments, cut after so many bytes. */
function redactTitle(
  title: string,
  redactor: Redactor,
  secrets: ReadonlySet<string>,
): string | undefined {
  const args = title.split("\0");
  const isCut = title.length >= titleBytes - 1;
  const found = findInArguments(args, { isCut });
  let isChanged = false;
  const changed = args.map((arg, index) => {
    const isLast = isCut && index === args.length - 1;
    const spans = isLast ? completed(arg, found[index] ?? [], secrets) : (found[index] ?? []);
    const replaced = redactor.replace(arg, spans);
    isChanged ||= replaced !== undefined;
    return replaced ?? arg;
  });
  return isChanged ? changed.join("\0") : undefined;
}

/** A secret that was cut is known from the exec's own records: it gets the digest of the whole one. */
function completed(
  arg: string,
  spans: readonly Span[],
  secrets: ReadonlySet<string>,
): readonly Span[] {
  const known = [...secrets].slice(0, titleSecrets).map((secret) => beginningAtEnd(arg, secret));
  const all = mergeSpans(arg, [...known.filter((span) => span !== undefined), ...spans]);
  return all.map((span) => {
    if (span.end < arg.length) return span;
    const whole = [...secrets].find((secret) => secret.startsWith(span.secret));
    return whole === undefined ? span : { ...span, secret: whole };
  });
}

function beginningAtEnd(arg: string, secret: string): Span | undefined {
  for (let size = Math.min(secret.length, arg.length, titleBytes); size >= leastBeginning; size--) {
    if (arg.endsWith(secret.slice(0, size))) return spanOf(arg, arg.length - size);
  }
  return undefined;
}
