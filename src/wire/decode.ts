import * as v from "valibot";

/** A message of the contract: the only shapes there are to decode. */
type Shape = v.GenericSchema;

/** What a text says, or what is wrong with it, without any of its content. */
export type Decoded<T> =
  | { readonly kind: "decoded"; readonly value: T }
  | { readonly kind: "invalid"; readonly reason: string };

/** The most characters of a message. */
export const longestMessage = 1_048_576;
/** The deepest that a message nests is 4; JSON.parse() itself goes until the stack ends. */
const deepest = 16;

/**
 * Decodes a JSON message. Never throws, whatever the text. Keys that a request does not have are
 * refused; those that an answer does not have are passed over, so that a newer console can say more
 * than an agent knows.
 */
export function decode<S extends Shape>(shape: S, text: string): Decoded<v.InferOutput<S>> {
  if (text.length > longestMessage) return { kind: "invalid", reason: "it is too long" };
  if (!isShallow(text)) return { kind: "invalid", reason: "it nests too deep" };
  const value = parseJson(text);
  if (value === undefined) return { kind: "invalid", reason: "it is no JSON" };
  const result = v.safeParse(shape, value, { abortEarly: true });
  if (result.success) return { kind: "decoded", value: result.output };
  const place = v.getDotPath(result.issues[0]) ?? "the message";
  return { kind: "invalid", reason: `${printable(place)} is not as agreed` };
}

/** Brackets inside strings count, too: that only errs on the side of refusing. */
function isShallow(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    if (depth > deepest) return false;
  }
  return true;
}

/** The place may hold names that the other side made up. */
function printable(text: string): string {
  return text.replaceAll(/[^\w.-]/g, "?").slice(0, 128);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
