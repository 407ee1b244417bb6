import { readFileSync } from "node:fs";
import { fixtureCases } from "#test/fixtures/cases.ts";

/** The real logs by the name of their case. */
export const fixtureLogs: ReadonlyMap<string, Buffer> = new Map(
  fixtureCases().map(({ name, logFile }) => [name, readFileSync(logFile)]),
);

/** A real log. */
export function fixtureLog(name: string): Buffer {
  const log = fixtureLogs.get(name);
  if (log === undefined) throw new Error(`There is no fixture ${name}`);
  return log;
}
