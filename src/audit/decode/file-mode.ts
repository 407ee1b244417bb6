/** What a file is, in the words of ECS's `file.type` where it has them. */
export type FileType =
  | "file"
  | "dir"
  | "symlink"
  | "character-device"
  | "block-device"
  | "fifo"
  | "socket";

/** By the file type bits of the mode. Source: inode(7). */
const fileTypes: ReadonlyMap<number, FileType> = new Map([
  [0o10, "file"],
  [0o4, "dir"],
  [0o12, "symlink"],
  [0o2, "character-device"],
  [0o6, "block-device"],
  [0o1, "fifo"],
  [0o14, "socket"],
]);

/** Reads a mode in octal (`0100644`), or `undefined` if it is none. */
export function parseMode(text: string): number | undefined {
  return /^[0-7]{1,8}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** Tells what a file of this mode is, or `undefined` if the mode does not say. */
export function fileType(mode: number): FileType | undefined {
  return fileTypes.get((mode >> 12) & 0o17);
}

/** Renders the permissions of a mode as ECS has them: `0644`. */
export function renderPermissions(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}
