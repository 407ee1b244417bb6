import { hash } from "node:crypto";

/** A place in a log that is found again after rotation, restart and reuse of inode numbers. */
export interface LogPosition {
  readonly device: number;
  readonly inode: number;
  /** When the file was made, in milliseconds since 1970; 0 if that is unknown. */
  readonly bornMs: number;
  /** How many of the file's first bytes `headHash` covers; at most `longestHead`. */
  readonly headBytes: number;
  /** SHA-256 of them, in hexadecimal. */
  readonly headHash: string;
  /** How many of the bytes before `offset` `tailHash` covers; at most `longestTail`. */
  readonly tailBytes: number;
  /** SHA-256 of them: tells a file that was cut and has grown past the offset again. */
  readonly tailHash: string;
  /** The next byte to read. */
  readonly offset: number;
}

export const longestHead = 256;
/** Longer than nearly all records, as many end alike: so there is a stamp in it, and each is another. */
export const longestTail = 4_096;

/** Renders what a position keeps of bytes. */
export function fingerprint(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}
