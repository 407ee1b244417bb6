import { closeSync, openSync, writeSync } from "node:fs";
import { Failure } from "#base/failure.ts";

const stdoutFd = 1;
/** How a shell sees a program that SIGPIPE ended: its reader has enough. */
const pipeExitCode = 141;
/** How long to wait for a pipe that is full. */
const fullPipeWaitMs = 2;

/** An output that takes bytes at once, for more data than should wait in memory. */
export interface SyncOutput {
  write(bytes: Uint8Array): void;
  end(): void;
}

/** Opens a new or emptied file for output, or takes standard output where no file is named. */
export function openSyncOutput(file: string | undefined): SyncOutput {
  const fd = file === undefined ? stdoutFd : create(file);
  return {
    write: (bytes) => writeAll(fd, bytes, file ?? "standard output"),
    end: () => {
      if (fd !== stdoutFd) closeSync(fd);
    },
  };
}

function create(file: string): number {
  try {
    return openSync(file, "w", 0o640);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function writeAll(fd: number, bytes: Uint8Array, name: string): void {
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(fd, bytes, from);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EPIPE") process.exit(pipeExitCode);
      if (code !== "EAGAIN") throw unwritable(name, error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fullPipeWaitMs);
    }
  }
}

function unwritable(name: string, cause: unknown): Failure {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  return new Failure("output.unwritable", `Cannot write ${name}: ${code}`, {
    hint: "Give a file that this user may write, on a disk with free space.",
    cause,
  });
}
