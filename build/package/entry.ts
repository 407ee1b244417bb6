import { dirname } from "node:path";

/** What stands at one place of a package. All of it belongs to root, and nobody else may write to it. */
export type Entry = { readonly path: string } & (
  | { readonly kind: "file"; readonly mode: 0o644 | 0o755; readonly bytes: Uint8Array }
  | { readonly kind: "link"; readonly target: string }
);

/** A file of a package from its bytes or its text. */
export function fileEntry(
  path: string,
  content: Uint8Array | string,
  mode: 0o644 | 0o755 = 0o644,
): Entry {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return { kind: "file", path, mode, bytes };
}

/** The directories that entries stand in, each after the one that it is in; the root is not among them. */
export function directoriesOf(entries: readonly Entry[]): readonly string[] {
  const directories = new Set<string>();
  for (const { path } of entries) {
    for (let at = dirname(path); at !== "/"; at = dirname(at)) directories.add(at);
  }
  return [...directories].toSorted();
}
