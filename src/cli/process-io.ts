import { once } from "node:events";
import type { WriteStream } from "node:tty";
import type { Io, Sink } from "./command.ts";

/** How a shell sees a program that SIGPIPE ended: its reader has enough. */
const pipeExitCode = 141;

/** The world of this process. A reader that goes away ends the process without a word. */
export function createProcessIo(): Io {
  return {
    stdout: createSink(process.stdout),
    stderr: createSink(process.stderr),
    environment: process.env,
    now: Date.now,
  };
}

function createSink(stream: WriteStream): Sink {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(pipeExitCode);
    throw error;
  });
  return {
    isTerminal: stream.isTTY,
    write: async (text) => {
      if (!stream.write(text)) await once(stream, "drain");
    },
  };
}
