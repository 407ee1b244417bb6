import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** One member of a package, as `tar --list --verbose` shows it. */
export interface Member {
  readonly path: string;
  readonly type: string;
  /** The permissions, such as `rwxr-xr-x`. */
  readonly permissions: string;
  /** By name, `root/root`. */
  readonly owner: string;
  /** What a link points at. */
  readonly target: string | undefined;
}

/** Lists what a package puts on a host. */
export function listMembers(deb: string): readonly Member[] {
  const lines = run("dpkg-deb", "--contents", deb).trimEnd().split("\n");
  return lines.map((line) => {
    const form =
      /^(?<type>.)(?<permissions>\S+) (?<owner>\S+) +\d+ \S+ \S+ \.(?<path>\/.*?)(?: -> (?<target>.*))?$/;
    const groups = form.exec(line)?.groups;
    if (groups === undefined) throw new Error(`Cannot read a line of dpkg-deb: ${line}`);
    const { type = "", permissions = "", owner = "", path = "" } = groups;
    return { type, permissions, owner, path: path.replace(/(?<=.)\/$/, ""), target: groups.target };
  });
}

/** Unpacks a package: what it puts on a host into `files`, its control files into `control`. */
export function unpack(
  deb: string,
  folder: string,
): { readonly files: string; readonly control: string } {
  const files = join(folder, "files");
  const control = join(folder, "control");
  mkdirSync(folder, { recursive: true });
  run("dpkg-deb", "--extract", deb, files);
  run("dpkg-deb", "--control", deb, control);
  return { files, control };
}

/** A field of a package's control file. */
export function fieldOf(deb: string, name: string): string {
  return run("dpkg-deb", "--field", deb, name).trimEnd();
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8" });
}
