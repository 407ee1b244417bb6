/** The code of an error of the system, such as `EACCES`; throws on what is none, for that is a bug. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  throw error;
}

/** Makes an error as the system would throw it. */
export function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
