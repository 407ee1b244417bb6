import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseChangelog } from "./changelog.ts";
import { compress } from "./contents.ts";
import { parseParagraphs, renderControl } from "./control.ts";
import { fileEntry } from "./entry.ts";
import { keyringName, keyringPath, sourcesPath } from "./sources.ts";
import { installedBytes, writeDeb } from "./write-deb.ts";

/** What the package that brings key and source entry is made of. */
export interface Keyring {
  readonly key: Uint8Array;
  readonly sources: string;
  readonly folder: string;
}

/** Makes the package by which the repository keeps its own key current, and returns its file. */
export function makeKeyringDeb({ key, sources, folder }: Keyring): string {
  const changelog = readFileSync("debian/changelog", "utf8");
  const { version, time } = parseChangelog(changelog);
  const documents = `/usr/share/doc/${keyringName}`;
  const entries = [
    fileEntry(keyringPath, key),
    fileEntry(sourcesPath, sources),
    fileEntry(`${documents}/copyright`, readFileSync("debian/copyright")),
    fileEntry(
      `${documents}/changelog.gz`,
      compress(changelog.replace(/^linuxguard /gm, `${keyringName} `)),
    ),
  ];
  const built = {
    name: keyringName,
    version,
    architecture: "all",
    installedBytes: installedBytes(entries),
  };
  const paragraphs = parseParagraphs(readFileSync("debian/control", "utf8"));
  const control = new Map([
    ["control", renderControl(paragraphs, built)],
    ["conffiles", `${sourcesPath}\n`],
  ]);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${keyringName}_${version}_all.deb`);
  writeDeb({ file, entries, control, time, compression: "xz-6" });
  return file;
}
