import type { Planted } from "./planted.ts";

/** So many characters of a secret are its own, and no digest has them by chance. */
const size = 10;
const base64Bytes = 9;
/** What the shapes of secrets have in common. */
const shared =
  "https://hooks.slack.com/services/T01/B02/ -----BEGIN OPENSSH PRIVATE KEY-----\n -----END OPENSSH PRIVATE KEY----- eyJhbGciOi 1234567890-";

/** Finds traces of secrets: ten bytes of one as they are, in hexadecimal, in base64 or percent-encoded. */
export class Tracer {
  /** By their first ten characters. */
  readonly #traces = new Map<string, { readonly rest: string; readonly planted: Planted }[]>();

  constructor(planted: readonly Planted[]) {
    for (const each of planted) {
      const bytes = Buffer.from(each.secret);
      for (let at = 0; at + size <= bytes.length; at++) {
        const piece = bytes.subarray(at, at + size);
        const text = piece.toString("latin1");
        if (shared.includes(text)) continue;
        const hex = piece.toString("hex");
        const percent = text.replaceAll(/[^\w.~-]/g, (char) => `%${hexOf(char)}`);
        // Whole groups of three bytes, as those have the same form in any text.
        const base64 = bytes.subarray(at, at + base64Bytes).toString("base64");
        for (const trace of [text, hex, hex.toUpperCase(), percent, base64]) {
          if (trace.includes("=") && trace === base64) continue;
          const start = trace.slice(0, size);
          const known = this.#traces.get(start) ?? [];
          known.push({ rest: trace.slice(size), planted: each });
          this.#traces.set(start, known);
        }
      }
    }
  }

  /** The templates of secrets that a text has traces of, and where. */
  find(text: string): ReadonlySet<Planted> {
    const found = new Set<Planted>();
    for (let at = 0; at + size <= text.length; at++) {
      for (const { rest, planted } of this.#traces.get(text.slice(at, at + size)) ?? []) {
        if (text.startsWith(rest, at + size)) found.add(planted);
      }
    }
    return found;
  }
}

function hexOf(char: string): string {
  return Buffer.from(char, "latin1").toString("hex").toUpperCase();
}

/** All texts in a value that came from JSON, their bytes as characters. */
export function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield Buffer.from(value).toString("latin1");
  else if (typeof value === "object" && value !== null) {
    for (const [name, each] of Object.entries(value)) {
      yield name;
      yield* textsIn(each);
    }
  }
}
