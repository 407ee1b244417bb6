import { writeSync } from "node:fs";
import { Writable } from "node:stream";
import { createLogger, format, transports } from "winston";
import type { LogFields, Logger } from "#base/logger.ts";
import { identity } from "#product/identity.ts";
import { LogFile } from "./log-file.ts";
import {
  type LineForm,
  type LogLevel,
  type LogLine,
  logLevels,
  renderLine,
} from "./render-line.ts";

/** Where the log goes. */
export interface LogSettings {
  readonly level: LogLevel;
  /** Without one there is no log file. */
  readonly directory?: string;
  /** Size at which a file is closed and the next begun. */
  readonly sizeBytes: number;
  /** Files kept, the current one included. */
  readonly files: number;
  /** How lines on standard error look; without one nothing goes there. */
  readonly stderr?: LineForm;
  /** Gives the time of a line, in milliseconds of the epoch. */
  readonly now?: () => number;
}

/** A logger that can be moved to a new file and asked how it fares. */
export interface Log extends Logger {
  /** Opens the file by its name again, for who renames log files himself. */
  reopen(): void;
  /** Lets a reload change how much is said. */
  setLevel(level: LogLevel): void;
  /** Ends the log; what is said after that goes nowhere. */
  close(): void;
}

const stderrFd = 2;

/** Creates the agent's own log. No failure of a disk or of standard error ever reaches who logs. */
export function createLog(settings: LogSettings): Log {
  const { level, directory, sizeBytes, files, stderr, now = Date.now } = settings;
  const file =
    directory === undefined
      ? undefined
      : new LogFile({ directory, name: `${identity.agent}.log`, sizeBytes, files });
  let unwritten = 0;
  let isClosed = false;

  const write = (line: LogLine): void => {
    if (stderr !== undefined) writeStderr(`${renderLine(line, stderr)}\n`);
    if (file === undefined) return;
    if (unwritten > 0 && file.write(`${renderLine(gapLine(unwritten, now()), "json")}\n`)) {
      unwritten = 0;
    }
    if (unwritten > 0 || !file.write(`${renderLine(line, "json")}\n`)) unwritten++;
  };

  // winston's own file transport is not used: it lost a quarter of the lines of a burst over its rotations,
  // and all of them when its directory went.
  const stream = new Writable({
    objectMode: true,
    write: ({ line }: { readonly line: LogLine }, _encoding, done) => {
      write(line);
      done();
    },
  });
  const winston = createLogger({
    level,
    levels: logLevels,
    format: format((info) => info)(),
    transports: [new transports.Stream({ stream })],
  });
  const log = (of: LogLevel) => (message: string, fields?: LogFields) => {
    if (isClosed) return;
    // The line travels whole: winston would mix fields into its own members.
    const line: LogLine = { timeMs: now(), level: of, message, fields };
    winston.log({ level: of, message: "", line });
  };

  return {
    error: log("error"),
    warn: log("warn"),
    info: log("info"),
    debug: log("debug"),
    reopen: () => file?.close(),
    setLevel: (changed) => {
      winston.level = changed;
    },
    close: () => {
      isClosed = true;
      winston.close();
      file?.close();
    },
  };
}

/** Stands in the file where lines are missing. */
function gapLine(lines: number, timeMs: number): LogLine {
  return { timeMs, level: "warn", message: "log lines were not written", fields: { lines } };
}

function writeStderr(text: string): void {
  try {
    writeSync(stderrFd, text);
  } catch (error) {
    // Nobody reads it, or not fast enough: the file has the line too.
    if (!(error instanceof Error && "syscall" in error)) throw error;
  }
}
