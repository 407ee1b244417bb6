import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseChangelog } from "./changelog.ts";
import { compress } from "./contents.ts";
import { parseParagraphs, renderControl } from "./control.ts";
import { fileEntry } from "./entry.ts";
import { keyringName, keyringPath } from "./sources.ts";
import { installedBytes, writeDeb } from "./write-deb.ts";

/** Makes the package by which a host's copy of the repository's key stays current, and returns its file. */
export function makeKeyringDeb(key: Uint8Array, folder: string): string {
  const changelog = readFileSync("debian/changelog", "utf8");
  const { version, time } = parseChangelog(changelog);
  const documents = `/usr/share/doc/${keyringName}`;
  const entries = [
    fileEntry(keyringPath, key),
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
  const control = new Map([["control", renderControl(paragraphs, built)]]);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${keyringName}_${version}_all.deb`);
  writeDeb({ file, entries, control, time, compression: "xz-6" });
  return file;
}
