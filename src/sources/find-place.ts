import { type ChainLink, isSameFile } from "./chain.ts";
import { LogFile } from "./log-file.ts";
import { type LogPosition, longestHead } from "./position.ts";
import { codeOf } from "./system-error.ts";

/** Finds which file of a log a position is in; -1 if none. */
export function findPlace(chain: readonly ChainLink[], position: LogPosition): number {
  const place = chain.findIndex((link) => isSameFile(link, position));
  // A disk can have another device number after a boot, and a log can be copied: then what it holds tells.
  return place >= 0 ? place : chain.findIndex((link) => holdsSame(link, position));
}

/** Whether a file holds what was read before a position. A beginning that is short tells too little. */
function holdsSame(link: ChainLink, position: LogPosition): boolean {
  if (position.headBytes < longestHead || link.sizeBytes < position.offset) return false;
  let file: LogFile | undefined;
  try {
    file = LogFile.open(link);
    return file.beginsAs(position) && file.seek(position);
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw error;
    return false;
  } finally {
    file?.close();
  }
}
