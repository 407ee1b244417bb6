import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A field as auparse has it: its name, its value as logged, and what auparse interprets it as. */
export type OracleField = readonly [name: string, value: string | null, meaning: string | null];

/** A record as auparse has it. All strings stand for bytes, one character each. */
export interface OracleRecord {
  /** `null` for a type that auparse has no name for. */
  readonly type: string | null;
  readonly number: number;
  /** The line without its trailer. */
  readonly text: string;
  readonly fields: readonly OracleField[];
}

/** An event as auparse has it. */
export interface OracleEvent {
  /** Which of the logs it is in, from 0 on. */
  readonly log: number;
  readonly node: string;
  readonly sec: number;
  readonly ms: number;
  readonly serial: number;
  readonly records: readonly OracleRecord[];
}

const script = fileURLToPath(new URL("auparse.py", import.meta.url));

/** Has auparse read audit logs. Needs `apt-get install python3 auditd`. */
export function readOracle(logs: readonly string[]): readonly OracleEvent[] {
  const { status, stdout, stderr, error } = spawnSync("/usr/bin/python3", [script, ...logs], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`auparse failed; it needs apt-get install python3 auditd: ${stderr}`, {
      cause: error,
    });
  }
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as OracleEvent);
}
