import { chmodSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { directoriesOf, type Entry } from "./entry.ts";

/**
 * Writes entries into a folder that is there and empty, all with one time in seconds of the epoch.
 * Modes are set after the making, as the umask takes away from what is made; times last of all.
 */
export function writeTree(root: string, entries: readonly Entry[], time: number): void {
  chmodSync(root, 0o755);
  const directories = directoriesOf(entries).map((path) => join(root, path));
  for (const directory of directories) {
    mkdirSync(directory);
    chmodSync(directory, 0o755);
  }
  for (const entry of entries) {
    const path = join(root, entry.path);
    if (entry.kind === "link") symlinkSync(entry.target, path);
    else {
      writeFileSync(path, entry.bytes, { flag: "wx" });
      chmodSync(path, entry.mode);
    }
    lutimesSync(path, time, time);
  }
  for (const directory of [...directories.toReversed(), root]) lutimesSync(directory, time, time);
}
