import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = "dist/evidence";

/** Keeps what a test saw for a person to read, in dist/evidence, in place of what the last run kept. */
export function keepEvidence(name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name.toLowerCase().replaceAll(" ", "-")}.txt`), text);
}
