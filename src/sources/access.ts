/** An incident this short is none: a new log is not yet ours to read while auditd sets its group. */
const graceMs = 500;

/** Whether the log can be got at: an incident has one beginning and one end. */
export class Access {
  #refusedSinceMs: number | undefined;
  #skippableSinceMs: number | undefined;
  #toldCode: string | undefined;

  /** Whether something is in the way now. */
  get isRefused(): boolean {
    return this.#refusedSinceMs !== undefined;
  }

  /** Whether an incident was told and is not over. */
  get isLost(): boolean {
    return this.#toldCode !== undefined;
  }

  /** Notes what is in the way; true if it is to be told now. */
  refuse(code: string, nowMs: number): boolean {
    this.#refusedSinceMs ??= nowMs;
    if (this.#toldCode !== undefined || nowMs - this.#refusedSinceMs < graceMs) return false;
    this.#toldCode = code;
    return true;
  }

  /** Whether a file that stays closed, while a younger one is open to us, is to be given up. */
  maySkip(nowMs: number): boolean {
    this.#skippableSinceMs ??= nowMs;
    return nowMs - this.#skippableSinceMs >= graceMs;
  }

  /** Notes that nothing is in the way; gives the code of the incident that ends, if one was told. */
  allow(): string | undefined {
    const code = this.#toldCode;
    this.#refusedSinceMs = undefined;
    this.#skippableSinceMs = undefined;
    this.#toldCode = undefined;
    return code;
  }
}
