import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Renders the licences of the packages that have files among `sources`, and of those in `folders`. */
export function renderLicences(sources: readonly string[], folders: readonly string[]): string {
  const bundled = sources.flatMap((path) => packageFolder(path) ?? []);
  return [...new Set([...folders, ...bundled.toSorted()])].map(renderLicence).join("\n");
}

/** `node_modules/a/node_modules/@b/c/d.js` → `node_modules/a/node_modules/@b/c`. */
function packageFolder(path: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

function renderLicence(folder: string): string {
  const about: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^(?:licen[cs]e|copying)/i.test(name));
  if (file === undefined) throw new Error(`Cannot find the licence of ${folder}`);
  const title = `${textOf(about, "name")} ${textOf(about, "version")} (${textOf(about, "license")})`;
  return `${"=".repeat(80)}\n${title}\n${"=".repeat(80)}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}

/** A text of package.json. */
function textOf(about: unknown, key: string): string {
  const value: unknown =
    typeof about === "object" && about !== null ? Reflect.get(about, key) : undefined;
  if (typeof value !== "string") throw new Error(`Cannot read ${key} of a bundled package`);
  return value;
}
