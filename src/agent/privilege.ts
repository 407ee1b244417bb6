import { readFileSync } from "node:fs";
import { Failure } from "#base/failure.ts";
import { identity } from "#product/identity.ts";

/** What a process may do beyond its user's rights. */
export interface Privilege {
  readonly userId: number;
  /** The effective capabilities as a mask in hexadecimal, `0` for none. */
  readonly capabilities: string;
}

/** Reads the privilege of this process. Source: proc_pid_status(5), `CapEff`. */
export function readPrivilege(): Privilege {
  const status = readFileSync("/proc/self/status", "utf8");
  const mask = /^CapEff:\s*(?<mask>[0-9a-f]+)$/m.exec(status)?.groups?.mask ?? "0";
  return { userId: process.geteuid?.() ?? 0, capabilities: mask.replace(/^0+(?=.)/, "") };
}

/** Throws `run.refused` unless the process is an ordinary user's and has no capability. */
export function refusePrivilege({ userId, capabilities }: Privilege): void {
  const what =
    userId === 0
      ? `user id is "0"`
      : capabilities !== "0"
        ? `capabilities is "${capabilities}"`
        : undefined;
  if (what === undefined) return;
  throw new Failure("run.refused", `Cannot run ${identity.agent}: current value of the ${what}`, {
    hint: `Start it as the user ${identity.user}, without capabilities. It needs no privilege.`,
  });
}
