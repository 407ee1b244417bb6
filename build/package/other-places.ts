import type { Entry } from "./entry.ts";

/** Where a package has its licences on hosts that are not of Debian. */
export const licences = "/usr/share/licenses/linuxguard";

const moves = [
  ["/usr/share/doc/linuxguard/copyright", `${licences}/copyright`],
  ["/usr/share/zsh/vendor-completions/", "/usr/share/zsh/site-functions/"],
] as const;

/** Gives what lies elsewhere on such hosts its place there. */
export function moveFromDebian(entry: Entry): Entry {
  const [from = "", to = ""] = moves.find(([begin]) => entry.path.startsWith(begin)) ?? [];
  return { ...entry, path: entry.path.replace(from, to) };
}
