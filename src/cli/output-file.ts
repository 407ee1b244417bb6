import { close, openSync, write } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Failure } from "#base/failure.ts";

const stdoutFd = 1;
/** How a shell sees a program that SIGPIPE ended: its reader has enough. */
const pipeExitCode = 141;
/** How long to wait for a pipe that is full. */
const fullPipeWaitMs = 2;
/** Bytes are written when there are this many of them. */
const writeBytes = 1_048_576;

const closeFile = promisify(close);
const writeFile = promisify(write);

/** Opens a new or emptied file for output, or takes standard output where no file is named. */
export function openOutput(file: string | undefined): OutputFile {
  if (file === undefined) return new OutputFile(stdoutFd, "standard output");
  try {
    return new OutputFile(openSync(file, "w", 0o640), file);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/** An output whose bytes are written behind: while some are on their way, the next are made. */
export class OutputFile {
  readonly #fd: number;
  readonly #name: string;
  #filling = Buffer.allocUnsafeSlow(2 * writeBytes);
  #spare = Buffer.allocUnsafeSlow(2 * writeBytes);
  #usedBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(fd: number, name: string) {
    this.#fd = fd;
    this.#name = name;
  }

  /** Takes a copy of the bytes. */
  take(bytes: Uint8Array): void {
    const needed = this.#usedBytes + bytes.length;
    if (needed > this.#filling.length) {
      const larger = Buffer.allocUnsafeSlow(2 * needed);
      this.#filling.copy(larger, 0, 0, this.#usedBytes);
      this.#filling = larger;
    }
    this.#filling.set(bytes, this.#usedBytes);
    this.#usedBytes = needed;
  }

  /** Resolves when more may be taken. Throws `output.unwritable` for what was taken before. */
  async ready(): Promise<void> {
    if (this.#usedBytes >= writeBytes) await this.#swap();
  }

  /** Resolves when all is written. */
  async end(): Promise<void> {
    await this.#swap();
    await this.#writing;
    if (this.#fd !== stdoutFd) await closeFile(this.#fd);
  }

  async #swap(): Promise<void> {
    await this.#writing;
    const full = this.#filling;
    this.#writing = this.#write(full.subarray(0, this.#usedBytes));
    // Its failure is thrown to whoever waits for it next.
    this.#writing.catch(() => undefined);
    this.#filling = this.#spare;
    this.#spare = full;
    this.#usedBytes = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      try {
        from += (await writeFile(this.#fd, bytes, from)).bytesWritten;
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        if (code === "EPIPE") process.exit(pipeExitCode);
        if (code !== "EAGAIN") throw unwritable(this.#name, error);
        await sleep(fullPipeWaitMs);
      }
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
