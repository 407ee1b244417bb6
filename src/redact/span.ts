/** Where a secret stands in a text whose characters are bytes, and what it is. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** As the program got it: without the quotes and escapes that may stand around it in a shell's text. */
  readonly secret: string;
}

/** A span of a text that is the secret as it stands. */
export function spanOf(text: string, start: number, end: number = text.length): Span {
  return { start, end, secret: text.slice(start, end) };
}

/** Sorts spans; of those that overlap, the one that begins first stays, made as long as all of them. */
export function mergeSpans(text: string, spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (span.end <= span.start) continue;
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = spanOf(text, last.start, span.end);
  }
  return merged;
}
