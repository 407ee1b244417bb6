import { readFileSync, writeFileSync } from "node:fs";
import { completionFiles } from "./completions/files.ts";
import { configFiles } from "./config/files.ts";
import { manFiles } from "./man/files.ts";
import { rpmFiles } from "./package/rpm-spec.ts";
import { ruleFiles, rulePages } from "./rules/files.ts";
import { footprintFiles } from "./shell/files.ts";
import { ecsFiles } from "./tables/ecs.ts";
import { tableFiles } from "./tables/files.ts";
import { unitFiles } from "./units/files.ts";
import { wasmFiles } from "./wasm/files.ts";
import { wireFiles } from "./wire/files.ts";

/** Gives the text of generated files by their path in the repository. */
export type Generator = () => ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>;

/** Everything that is generated and committed. */
export const generators: readonly Generator[] = [
  tableFiles,
  ecsFiles,
  wasmFiles,
  configFiles,
  manFiles,
  footprintFiles,
  unitFiles,
  rpmFiles,
  completionFiles,
  ruleFiles,
  rulePages,
  wireFiles,
];

/** Names the generated files whose text on disk is another, or that are not there. */
export async function findStale(from: readonly Generator[]): Promise<readonly string[]> {
  const files = await generateAll(from);
  return [...files].filter(([path, text]) => readIfThere(path) !== text).map(([path]) => path);
}

async function generateAll(from: readonly Generator[]): Promise<ReadonlyMap<string, string>> {
  const maps = await Promise.all(from.map(async (generate) => await generate()));
  return new Map(maps.flatMap((files) => [...files]));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function main(isCheck: boolean): Promise<void> {
  if (isCheck) {
    const stale = await findStale(generators);
    for (const path of stale) process.stderr.write(`Not current, run make generate: ${path}\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
    return;
  }
  for (const [path, text] of await generateAll(generators)) writeFileSync(path, text);
}

if (import.meta.main) void main(process.argv.includes("--check"));
