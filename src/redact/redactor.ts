import { createHmac } from "node:crypto";
import { findInArguments } from "./command-secrets.ts";
import type { Span } from "./span.ts";

const digestDigits = 12;
const marker = /<redacted:[0-9a-f]{12}>/g;

/**
 * Puts `<redacted:DIGEST>` in the place of secrets. The digest is keyed: equal secrets of one
 * installation stay equal, and without its key no guess can be tried.
 */
export class Redactor {
  readonly #key: Uint8Array;
  /** Replacements that may still be made with a digest; beyond that, a `*` stands for a secret. */
  #allowance = Number.POSITIVE_INFINITY;
  /** How many secrets were replaced. */
  count = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Bounds how much longer the texts may become that are replaced from now on. */
  allow(replacements: number): void {
    this.#allowance = replacements;
  }

  /** Replaces the spans of a text, whose characters are bytes; `undefined` if there is nothing to replace. */
  replace(text: string, spans: readonly Span[]): string | undefined {
    const due = withoutMarkers(text, spans);
    if (due.length === 0) return undefined;
    let replaced = "";
    let from = 0;
    for (const { start, end, secret } of due) {
      replaced += text.slice(from, start) + this.#render(secret);
      from = end;
    }
    return replaced + text.slice(from);
  }

  /** Replaces the secrets in a program's arguments as Unicode text has them. */
  redactArguments(args: readonly string[]): readonly string[] {
    const bytes = args.map((arg) => Buffer.from(arg).toString("latin1"));
    const found = findInArguments(bytes);
    return args.map((arg, index) => {
      const replaced = this.replace(bytes[index] ?? "", found[index] ?? []);
      return replaced === undefined ? arg : Buffer.from(replaced, "latin1").toString();
    });
  }

  #render(secret: string): string {
    this.count++;
    if (this.#allowance-- <= 0) return "*";
    const digest = createHmac("sha256", this.#key).update(secret, "latin1").digest("hex");
    return `<redacted:${digest.slice(0, digestDigits)}>`;
  }
}

/** What was replaced before stays as it is: a span may have a marker in it, but not be one or a part of one. */
function withoutMarkers(text: string, spans: readonly Span[]): readonly Span[] {
  if (!text.includes("<redacted:")) return spans;
  const markers = [...text.matchAll(marker)].map(({ 0: { length }, index }) => [
    index,
    index + length,
  ]);
  return spans.filter((span) => {
    return !markers.some(([start = 0, end = 0]) => {
      const isInside = span.start >= start && span.end <= end;
      const beginsInside = span.start > start && span.start < end;
      return isInside || beginsInside || (span.end > start && span.end < end);
    });
  });
}
