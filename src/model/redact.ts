/** Replaces what is secret in the records of an event before anything is made of them. */
export interface RecordRedactor {
  /** Tells quickly whether a line in [start, end) may hold a secret; it may err to the safe side only. */
  mayHoldSecret(bytes: Uint8Array, start: number, end: number): boolean;
  /** Gives each line's new bytes, in the same order, or `undefined` for one that stays as it is. */
  redact(lines: readonly Uint8Array[]): readonly (Uint8Array | undefined)[];
}
