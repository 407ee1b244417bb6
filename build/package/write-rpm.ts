import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Entry } from "./entry.ts";
import { writeTree } from "./write-tree.ts";

/** What rpmbuild makes a package of. */
export interface Rpm {
  /** The spec file, which copies `root` and lists what is in `files`. */
  readonly spec: string;
  readonly version: string;
  /** As rpm names it: `x86_64`, `noarch`. */
  readonly arch: string;
  readonly entries: readonly Entry[];
  /** The directories that are the package's and no other's. */
  readonly directories: readonly string[];
  /** The time of all that is in it, in seconds of the epoch. */
  readonly time: number;
  readonly folder: string;
}

/** What else of the host and the clock would be in the bytes. */
const settings = {
  _buildhost: "localhost",
  use_source_date_epoch_as_buildtime: "1",
  clamp_mtime_to_source_date_epoch: "1",
};

/** Writes a package and returns its file. The same parts give the same bytes, whatever the folder, the clock and the umask. */
export function writeRpm(rpm: Rpm): string {
  const { spec, version, arch, time, folder } = rpm;
  const work = mkdtempSync(join(tmpdir(), "linuxguard-rpm-"));
  try {
    mkdirSync(join(work, "SOURCES/root"), { recursive: true });
    writeTree(join(work, "SOURCES/root"), rpm.entries, time);
    writeFileSync(join(work, "SOURCES/files"), renderList(rpm));
    const defines = Object.entries({ ...settings, _topdir: work, linuxguard_version: version });
    const options = defines.flatMap(([name, value]) => ["--define", `${name} ${value}`]);
    execFileSync("rpmbuild", ["-bb", "--quiet", "--target", `${arch}-linux`, ...options, spec], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(time), LC_ALL: "C.UTF-8" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const name = `${basename(spec, ".spec")}-${version}-1.${arch}.rpm`;
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(work, "RPMS", arch, name), join(folder, name));
    chmodSync(join(folder, name), 0o644);
    return join(folder, name);
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The list for \`%files -f\`. Source: rpm-spec(5). */
function renderList({ entries, directories }: Rpm): string {
  const lines = [
    ...directories.map((path) => `%dir %attr(0755,root,root) ${path}`),
    ...entries.map((entry) => {
      const { path } = entry;
      const mode = entry.kind === "file" ? `0${entry.mode.toString(8)}` : "-";
      return `${markOf(path)}%attr(${mode},root,root) ${path}`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

function markOf(path: string): string {
  if (path.startsWith("/usr/share/licenses/")) return "%license ";
  return path.startsWith("/etc/") ? "%config(noreplace) " : "";
}
