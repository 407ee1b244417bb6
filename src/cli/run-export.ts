import { Failure } from "#base/failure.ts";
import { readConfig } from "#config/read-config.ts";
import { listUndelivered } from "#pipeline/delivery-by-hand.ts";
import { renderExport } from "#ship/export-file.ts";
import { type Identity, readHandedKey, readIdentity } from "#ship/identity.ts";
import { type Handler, textOption } from "./command.ts";
import { openOutput } from "./output-file.ts";

/** Writes what the console has not acknowledged to a file, signed. */
export const runExport: Handler = async (invocation, io) => {
  const file = textOption(invocation, "output");
  if (file === undefined) {
    throw new Failure("usage.invalid", "Cannot export: there is no option --output", {
      hint: "Name the file to write: --output=FILE.",
    });
  }
  const { config } = readConfig(textOption(invocation, "config"));
  const identity = readOwn(config.agent.stateDirectory, io.environment.CREDENTIALS_DIRECTORY);
  const told = { batches: 0, events: 0, last: 0 };
  const batches = function* () {
    for (const batch of listUndelivered(config.spool.directory)) {
      told.batches++;
      told.events += batch.events;
      told.last = batch.sequence;
      yield batch;
    }
  };
  const output = openOutput(file);
  for (const bytes of renderExport(identity, batches(), io.now())) {
    output.take(bytes);
    await output.ready();
  }
  await output.end();
  const up = told.batches === 0 ? "" : `, up to batch ${told.last}`;
  await io.stdout.write(`Exported ${told.batches} batches with ${told.events} events${up}\n`);
  return 0;
};

function readOwn(stateDirectory: string, credentials: string | undefined): Identity {
  const identity = readIdentity(stateDirectory, readHandedKey(credentials));
  if (identity !== undefined) return identity;
  throw new Failure("console.refused", "Cannot export: no console knows this host", {
    hint: "Its key signs what is exported: let it in once, with linuxguard enroll, before it is cut off.",
  });
}
