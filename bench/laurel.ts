import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cost, measure } from "./measure.ts";

/** Measures Debian's laurel on a log: it reads records on standard input and writes JSON to a file. */
export function measureLaurel(log: string, folder: string, enrichment: "on" | "off"): Cost {
  const directory = join(folder, "laurel");
  const config = join(folder, "laurel.toml");
  mkdirSync(directory, { recursive: true });
  writeFileSync(config, renderConfig(directory, enrichment === "on"));
  try {
    return measure(["laurel", "-c", config], log);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** One output file that is never rotated. Source: laurel(8). */
function renderConfig(directory: string, isEnriched: boolean): string {
  return `directory = "${directory}"
user = "root"
[auditlog]
file = "audit.json"
size = 100000000000
generations = 1
[enrich]
execve-env = ${isEnriched ? '["LD_PRELOAD", "LD_LIBRARY_PATH"]' : "[]"}
container = ${isEnriched}
pid = ${isEnriched}
`;
}
