import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "./debian-root.ts";

/** What a package has that stands for a distribution's own, and has no files. */
export interface EmptyRpm {
  readonly name: string;
  readonly version: string;
  readonly provides?: readonly string[];
  readonly folder: string;
}

/** All that the package asks of a distribution but auditd. */
export const basics: readonly string[] = [
  ...["/bin/sh", "acl", "coreutils", "gawk", "grep", "sed", "shadow-utils"],
];

/** Makes a package without files, and returns its file. */
export function makeEmptyRpm({ name, version, provides = [], folder }: EmptyRpm): string {
  mkdirSync(folder, { recursive: true });
  const spec = join(folder, `${name}.spec`);
  writeFileSync(
    spec,
    `Name: ${name}
Version: ${version}
Release: 1
Summary: Stands for a package of the distribution
License: Apache-2.0
BuildArch: noarch
${provides.map((each) => `Provides: ${each}\n`).join("")}
%description
It has no files.

%files
`,
  );
  const macros = {
    _topdir: join(folder, "top"),
    _rpmdir: folder,
    _rpmfilename: "%{NAME}-%{VERSION}.rpm",
  };
  const options = Object.entries(macros).flatMap(([key, value]) => ["--define", `${key} ${value}`]);
  execFileSync("rpmbuild", ["-bb", "--quiet", ...options, spec], { stdio: "pipe" });
  return join(folder, `${name}-${version}.rpm`);
}

/**
 * A dnf of its own: it knows one folder of a repository, keeps lists and downloads in a folder, and
 * installs into a root. It changes nothing of this machine.
 */
export class PrivateDnf {
  readonly #root: string;
  readonly #options: readonly string[];

  /** Takes key and settings as they lie in the repository. */
  constructor(folder: string, repository: string, root: string) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "repos.d"), { recursive: true });
    mkdirSync(root, { recursive: true });
    const settings = readFileSync(join(repository, "linuxguard.repo"), "utf8");
    writeFileSync(
      join(folder, "repos.d/linuxguard.repo"),
      settings.replace("file:///etc/pki/rpm-gpg/", `file://${repository}/`),
    );
    this.#root = root;
    const places = { reposdir: join(folder, "repos.d"), cachedir: join(folder, "cache") };
    this.#options = [
      ...["--assumeyes", `--installroot=${root}`, "--releasever=9", "--noplugins"],
      ...Object.entries(places).map(([name, value]) => `--setopt=${name}=${value}`),
    ];
  }

  /** Runs dnf, whatever its end. */
  run(...args: readonly string[]): Ended {
    return this.#spawn("dnf", [...this.#options, ...args]);
  }

  /** Runs rpm in the root, whatever its end. */
  rpm(...args: readonly string[]): Ended {
    return this.#spawn("rpm", ["--root", this.#root, ...args]);
  }

  #spawn(program: string, args: readonly string[]): Ended {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    if (error !== undefined) throw error;
    return { status, stdout, said: `${stdout}${stderr}` };
  }
}

/** Installs packages into a root with rpm, which asks for no signatures. */
export function installRpm(root: string, ...packages: readonly string[]): void {
  execFileSync("rpm", ["--root", root, "--install", ...packages], { stdio: "pipe" });
}
