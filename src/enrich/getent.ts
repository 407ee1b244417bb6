import { execFile } from "node:child_process";
import { type NamesById, parseAccounts } from "./accounts.ts";

const timeoutMs = 5_000;
/** getent(1): one or more of the keys could not be found. */
const someNotFound = 2;

/**
 * Asks the name service switch for accounts, with getent(1) in a process of its own: LDAP and SSSD
 * may take seconds. Gives `undefined` if it could not be asked.
 */
export function askNameService(
  database: "passwd" | "group",
  ids: readonly number[],
  program = "getent",
): Promise<NamesById | undefined> {
  const options = {
    timeout: timeoutMs,
    killSignal: "SIGKILL" as const,
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
  };
  return new Promise((resolve) => {
    execFile(program, [database, ...ids.map(String)], options, (error, output) => {
      const isAnswered = error === null || error.code === someNotFound;
      resolve(isAnswered ? parseAccounts(output) : undefined);
    });
  });
}
