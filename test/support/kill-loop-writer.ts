import { writeSync } from "node:fs";
import { exitCodes, Failure } from "#base/failure.ts";
import { writeBatches } from "#test/support/kill-loop.ts";

// A program for fault loops: appends batches to a spool up to a number and tells on stdout what is done.
const [directory = "", until = "0"] = process.argv.slice(2);

writeBatches(directory, Number(until), (line) => writeSync(1, `${line}\n`)).catch(
  (error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    writeSync(2, `${error.message}\n`);
    process.exitCode = exitCodes[error.code];
  },
);
