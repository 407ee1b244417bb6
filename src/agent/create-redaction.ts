import type { Logger } from "#base/logger.ts";
import type { Config } from "#config/settings.ts";
import type { RecordRedactor } from "#model/redact.ts";
import { Seal } from "#pipeline/seal.ts";
import { createRecordRedactor } from "#redact/record-redactor.ts";
import { Redactor } from "#redact/redactor.ts";
import { readInstallationKey } from "./installation-key.ts";

/** What keeps secrets out of all that the agent writes. */
export interface Redaction {
  /** Also where redaction is off, for it may have been on, and may be on again. */
  readonly seal: Seal;
  /** `undefined` where it is off, as are the others. */
  readonly records: RecordRedactor | undefined;
  readonly redactArguments: ((args: readonly string[]) => readonly string[]) | undefined;
  /** How many were replaced. */
  readonly count: () => number | undefined;
}

/** Creates it with the key of this installation. */
export function createRedaction({ privacy, agent }: Config, log: Logger): Redaction {
  const key = readInstallationKey(agent.stateDirectory, log);
  const seal = new Seal(key);
  if (!privacy.redactSecrets) {
    return { seal, records: undefined, redactArguments: undefined, count: () => undefined };
  }
  const redactor = new Redactor(key);
  return {
    seal,
    records: createRecordRedactor(redactor),
    redactArguments: (args) => redactor.redactArguments(args),
    count: () => redactor.count,
  };
}
