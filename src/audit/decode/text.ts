import { isUtf8 } from "node:buffer";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text made from bytes. */
export interface DecodedText {
  /** Each part that is no UTF-8 stands as U+FFFD. */
  readonly text: string;
  /** Whether the bytes cannot be had back from the text. */
  readonly lossy: boolean;
}

/** Reads bytes as UTF-8. */
export function decodeText(bytes: Uint8Array): DecodedText {
  return { text: utf8.decode(bytes), lossy: !isUtf8(bytes) };
}
