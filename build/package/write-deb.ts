import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoriesOf, type Entry } from "./entry.ts";
import { writeTree } from "./write-tree.ts";

/** How the members of a package are compressed. */
export const compressions = {
  "xz-6": ["-Zxz", "-z6"],
  "xz-0": ["-Zxz", "-z0"],
  none: ["-Znone"],
} as const;

/** What dpkg-deb makes a package of. */
export interface Deb {
  readonly file: string;
  readonly entries: readonly Entry[];
  /** The files of the control member: `control`, scripts, `templates`; scripts are told by their names. */
  readonly control: ReadonlyMap<string, string>;
  /** The time of all that is in it, in seconds of the epoch. */
  readonly time: number;
  readonly compression: keyof typeof compressions;
}

const scripts = ["preinst", "postinst", "prerm", "postrm", "config"];

/** Writes a package. The same parts give the same bytes, whatever the folder, the clock and the umask. */
export function writeDeb({ file, entries, control, time, compression }: Deb): void {
  const root = mkdtempSync(join(tmpdir(), "linuxguard-deb-"));
  try {
    writeTree(root, [...entries, ...controlEntries(control, entries)], time);
    const options = ["--root-owner-group", ...compressions[compression], "--build", root, file];
    execFileSync("dpkg-deb", options, {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(time) },
      stdio: ["ignore", "ignore", "inherit"],
    });
    chmodSync(file, 0o644);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** What entries take once installed, as dpkg-gencontrol counts: a file by its size, all else as 1 KiB. */
export function installedBytes(entries: readonly Entry[]): number {
  const sizes = entries.map((entry) =>
    entry.kind === "file" ? Math.ceil(entry.bytes.length / 1_024) * 1_024 : 1_024,
  );
  return sizes.reduce((sum, size) => sum + size, directoriesOf(entries).length * 1_024);
}

function controlEntries(
  control: ReadonlyMap<string, string>,
  entries: readonly Entry[],
): readonly Entry[] {
  return [...control, ["md5sums", renderSums(entries)] as const].map(([name, text]): Entry => {
    const mode = scripts.includes(name) ? 0o755 : 0o644;
    return { kind: "file", path: `/DEBIAN/${name}`, mode, bytes: Buffer.from(text) };
  });
}

/** Renders the checksums by which dpkg --verify finds changed files. Source: deb-md5sums(5). */
function renderSums(entries: readonly Entry[]): string {
  const lines = entries.flatMap((entry) => {
    if (entry.kind !== "file") return [];
    const sum = createHash("md5").update(entry.bytes).digest("hex");
    return [`${sum}  ${entry.path.slice(1)}\n`];
  });
  return lines.toSorted((a, b) => (a.slice(34) < b.slice(34) ? -1 : 1)).join("");
}
