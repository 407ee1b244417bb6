import { Failure } from "#base/failure.ts";
import { isSystemError } from "./files.ts";

/** Who was refused: what helps a writer is not what helps a reader. */
export type Refused = "writer" | "reader";

const hints: Readonly<Record<string, string>> = {
  ENOSPC: "Free space on the spool's file system; writing goes on by itself.",
  EDQUOT: "Raise the quota of the agent's account; writing goes on by itself.",
  EROFS: "Mount the spool's file system for writing; writing goes on by itself.",
  EFBIG: "Raise the limit on the size of files (ulimit -f) or set smaller segments.",
  ENOTDIR: "Put a directory of the agent's account in its place, no symbolic link.",
  EPERM: "The spool and its files must belong to the agent's account.",
  EIO: "The disk fails. Replace it.",
};

const hintsOf: Readonly<Record<Refused, Readonly<Record<string, string>>>> = {
  writer: {
    ENOENT: "Make the directory that the spool is to lie in, or correct spool.directory.",
    EACCES: "Give the spool to the agent's account, and let it through to all directories above.",
  },
  reader: {
    ENOENT: "There is no such directory. Start the agent first.",
    EACCES: "Read the spool as the agent's account or a member of its group.",
  },
};

/** Runs `act`; what the system refuses becomes a `spool.unusable` failure. */
export function refused<T>(what: string, who: Refused, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw refusal(what, who, error);
  }
}

function refusal(what: string, who: Refused, cause: NodeJS.ErrnoException): Failure {
  const code = cause.code ?? "";
  return new Failure("spool.unusable", `Cannot ${what}: current value of the error is "${code}"`, {
    hint:
      hintsOf[who][code] ??
      hints[code] ??
      "See the spool's directory, its file system and its disk.",
    cause,
  });
}
