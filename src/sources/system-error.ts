/** The code of an error of the system, such as `EACCES`; throws on what is none, for that is a bug. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "ERR_";
  // Node's own codes begin so: a wrong argument and the like.
  if (!code.startsWith("ERR_")) return code;
  throw error;
}

/** Makes an error as the system would throw it. */
export function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
