/** Gathers the documents of the next batch in one piece of memory that is used again and again. */
export class BatchBuffer {
  #bytes = Buffer.allocUnsafe(1_048_576);
  #size = 0;
  #count = 0;

  get sizeBytes(): number {
    return this.#size;
  }

  /** Number of documents. */
  get count(): number {
    return this.#count;
  }

  add(documents: Uint8Array, count: number): void {
    const needed = this.#size + documents.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    this.#bytes.set(documents, this.#size);
    this.#size = needed;
    this.#count += count;
  }

  /** The documents as NDJSON, valid until the next change. */
  documents(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  clear(): void {
    this.#size = 0;
    this.#count = 0;
  }
}
