import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The licence of one package, as the package brings it. */
export interface Licence {
  readonly package: string;
  readonly version: string;
  /** As package.json names it: `MIT`. */
  readonly name: string;
  readonly text: string;
}

/** Lists the licences of the packages in `folders`, and of those that have files among `sources`. */
export function listLicences(
  sources: readonly string[],
  folders: readonly string[],
): readonly Licence[] {
  return [...new Set([...folders, ...packageFolders(sources)])].map(readLicence);
}

/** The folders of the packages that have files among `sources`, sorted. */
export function packageFolders(sources: readonly string[]): readonly string[] {
  return [...new Set(sources.flatMap((path) => packageFolder(path) ?? []))].toSorted();
}

/** Renders licences one after the other. */
export function renderLicences(licences: readonly Licence[]): string {
  const bar = "=".repeat(80);
  return licences
    .map(
      (each) => `${bar}\n${each.package} ${each.version} (${each.name})\n${bar}\n\n${each.text}\n`,
    )
    .join("\n");
}

/** `node_modules/a/node_modules/@b/c/d.js` → `node_modules/a/node_modules/@b/c`. */
function packageFolder(path: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

function readLicence(folder: string): Licence {
  const about: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return {
    package: textOf(about, "name"),
    version: textOf(about, "version"),
    name: textOf(about, "license"),
    text: readText(folder),
  };
}

/** The text stands in a file of its own, or under a heading of the README. */
function readText(folder: string): string {
  const names = readdirSync(folder);
  const file = names.find((name) => /^(?:licen[cs]e|copying)/i.test(name));
  if (file !== undefined) return readFileSync(join(folder, file), "utf8").trim();
  const readme = names.find((name) => /^readme/i.test(name));
  const text = readme === undefined ? "" : readFileSync(join(folder, readme), "utf8");
  const part = /^(?:#+ )?licen[cs]e\n(?:-+\n)?(?<part>[\s\S]+)/im.exec(text)?.groups?.part;
  if (part === undefined) throw new Error(`Cannot find the licence of ${folder}`);
  return part.trim();
}

/** A text of package.json. */
function textOf(about: unknown, key: string): string {
  const value: unknown =
    typeof about === "object" && about !== null ? Reflect.get(about, key) : undefined;
  if (typeof value !== "string") throw new Error(`Cannot read ${key} of a bundled package`);
  return value;
}
