import { Failure } from "#base/failure.ts";
import { isSystemError } from "./files.ts";

const hints: Readonly<Record<string, string>> = {
  ENOSPC: "Free space on the spool's file system; writing goes on by itself.",
  EDQUOT: "Raise the quota of the agent's account; writing goes on by itself.",
  EROFS: "Mount the spool's file system for writing; writing goes on by itself.",
  EFBIG: "Raise the limit on the size of files (ulimit -f) or set smaller segments.",
  ENOENT: "There is no such directory. Start the agent first.",
  ENOTDIR: "Put a directory of the agent's account in its place, no symbolic link.",
  EPERM: "The spool and its files must belong to the agent's account.",
  EACCES: "Read the spool as the agent's account or a member of its group.",
  EIO: "The disk fails. Replace it.",
};

/** Runs `act`; what the system refuses becomes a `spool.unusable` failure. */
export function refused<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw refusal(what, error);
  }
}

function refusal(what: string, cause: NodeJS.ErrnoException): Failure {
  const code = cause.code ?? "";
  return new Failure("spool.unusable", `Cannot ${what}: current value of the error is "${code}"`, {
    hint: hints[code] ?? "See the spool's directory, its file system and its disk.",
    cause,
  });
}
