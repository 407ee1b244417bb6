/**
 * Reads the text of os-release(5) as names and values. Values are quoted as for a shell; nothing in
 * them is expanded.
 */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const { name, value } = /^\s*(?<name>[A-Z][A-Z0-9_]*)=(?<value>.*)$/.exec(line)?.groups ?? {};
    if (name !== undefined && value !== undefined) values.set(name, unquote(value.trim()));
  }
  return values;
}

const families: Readonly<Record<string, string>> = {
  rhel: "redhat",
  fedora: "redhat",
  centos: "redhat",
  debian: "debian",
  ubuntu: "debian",
  suse: "suse",
  opensuse: "suse",
  arch: "arch",
  alpine: "alpine",
  gentoo: "gentoo",
};

/** The family of distributions, in the words of ECS: `debian`, `redhat`; its own id if it has none. */
export function osFamily(id: string, idLike: string): string {
  const ids = [id, ...idLike.split(" ")].filter((word) => Object.hasOwn(families, word));
  return families[ids[0] ?? ""] ?? id;
}

function unquote(value: string): string {
  const quoted = /^(?<mark>["'])(?<inner>.*)\k<mark>$/.exec(value)?.groups;
  if (quoted?.mark === "'") return quoted.inner ?? "";
  return (quoted?.inner ?? value).replaceAll(/\\(?<character>["\\$`'])/g, "$<character>");
}
