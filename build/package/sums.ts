import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The file with the checksums of all others in its folder. */
export const sumsName = "SHA256SUMS";

/** Renders the checksums of all files in a folder as sha256sum(1) does, so that `--check` proves them. */
export function renderSums(folder: string): string {
  const files = globSync("**", { cwd: folder, exclude: [sumsName] });
  return files
    .filter((path) => statSync(join(folder, path)).isFile())
    .toSorted()
    .map((path) => `${sha256Of(join(folder, path))}  ${path}\n`)
    .join("");
}

function sha256Of(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
