import type { Logger } from "#base/logger.ts";
import type { Config } from "#config/settings.ts";
import type { RecordRedactor } from "#model/redact.ts";
import { Seal } from "#pipeline/seal.ts";
import { createRecordRedactor } from "#redact/record-redactor.ts";
import { Redactor } from "#redact/redactor.ts";
import { readInstallationKey } from "./installation-key.ts";

/** What keeps secrets out of all that the agent writes. */
export interface Redaction {
  readonly records: RecordRedactor;
  readonly redactArguments: (args: readonly string[]) => readonly string[];
  readonly seal: Seal;
  /** How many were replaced. */
  readonly count: () => number;
}

/** Creates it with the key of this installation; `undefined` if it is switched off. */
export function createRedaction({ privacy, agent }: Config, log: Logger): Redaction | undefined {
  if (!privacy.redactSecrets) return undefined;
  const key = readInstallationKey(agent.stateDirectory, log);
  const redactor = new Redactor(key);
  return {
    records: createRecordRedactor(redactor),
    redactArguments: (args) => redactor.redactArguments(args),
    seal: new Seal(key),
    count: () => redactor.count,
  };
}
