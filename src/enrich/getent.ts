import { runCommand } from "#base/run-command.ts";
import { type NamesById, parseAccounts } from "./accounts.ts";

const limits = { timeoutMs: 5_000, maxBytes: 1_048_576 };
/** getent(1): one or more of the keys could not be found. */
const someNotFound = 2;

/**
 * Asks the name service switch for accounts, with getent(1) in a process of its own: LDAP and SSSD
 * may take seconds. Gives `undefined` if there was no answer, and `"refused"` if there is no such
 * program or a sandbox lets none be run.
 */
export async function askNameService(
  database: "passwd" | "group",
  ids: readonly number[],
  program = "getent",
): Promise<NamesById | "refused" | undefined> {
  const result = await runCommand(program, [database, ...ids.map(String)], limits);
  if (result === undefined) return "refused";
  const isAnswered = result.status === 0 || result.status === someNotFound;
  return isAnswered ? parseAccounts(result.stdout) : undefined;
}
