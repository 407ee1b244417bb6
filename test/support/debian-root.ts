import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";

/** A release of Debian. */
export interface Suite {
  readonly name: string;
  readonly release: string;
}

/** The releases that the package is tried on. */
export const suites: readonly [Suite, ...Suite[]] = [
  { name: "bookworm", release: "Debian 12" },
  { name: "trixie", release: "Debian 13" },
];

const packages = "auditd,acl,debconf,libatomic1,libstdc++6,passwd,init-system-helpers";
const cache = "dist/debian";

/**
 * Returns the folder of a small Debian that has what the package depends on. It is made once and
 * kept, and nothing may change it.
 */
export function cleanDebian(suite: Suite): string {
  const options = ["--variant=important", `--include=${packages}`, suite.name];
  const key = createHash("sha256").update(options.join(" ")).digest("hex").slice(0, 8);
  const folder = resolve(cache, `${suite.name}-${key}`);
  mkdirSync(cache, { recursive: true });
  // Test files run side by side: one of them makes it.
  const make = `[ -e "$1" ] || { rm -rf "$1.new"; mmdebstrap --quiet --format=directory "$2" "$3" "$4" "$1.new" && mv "$1.new" "$1"; }`;
  execFileSync("flock", [cache, "sh", "-c", make, "sh", folder, ...options], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return folder;
}

/** How a command in the Debian ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  /** Both outputs. */
  readonly said: string;
}

/**
 * A Debian to change at will, without a running system: real dpkg and debconf, but the kernel is
 * not touched. It is as new after {@link renew}.
 */
export class DebianRoot {
  /** Its root directory. */
  readonly path: string;
  readonly #work = mkdtempSync(join(tmpdir(), "linuxguard-debian-"));
  readonly #clean: string;
  readonly #changes: string;
  readonly #debs: readonly string[];

  /** Takes packages to be copied into `/root`. */
  constructor(suite: Suite, debs: readonly string[]) {
    this.path = join(this.#work, "root");
    this.#clean = cleanDebian(suite);
    this.#changes = join(this.#work, "changes");
    this.#debs = debs;
    for (const folder of [this.path, this.#changes]) mkdirSync(folder);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1g", "none", this.#changes]);
  }

  /** Begins anew, from the clean system or from one that {@link keep} kept. */
  renew(layer?: string): void {
    this.#unmount(this.path);
    for (const name of ["upper", "scratch"]) {
      rmSync(join(this.#changes, name), { recursive: true, force: true });
      mkdirSync(join(this.#changes, name));
    }
    const lower = layer === undefined ? this.#clean : `${layer}:${this.#clean}`;
    const layers = `lowerdir=${lower},upperdir=${this.#changes}/upper,workdir=${this.#changes}/scratch`;
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", layers, this.path]);
    execFileSync("mount", ["-t", "tmpfs", "none", join(this.path, "dev")]);
    execFileSync("mount", ["-t", "proc", "proc", join(this.path, "proc")]);
    for (const [name, minor] of [
      ["null", "3"],
      ["zero", "5"],
      ["urandom", "9"],
    ] as const) {
      execFileSync("mknod", ["-m", "666", join(this.path, "dev", name), "c", "1", minor]);
    }
    for (const deb of this.#debs) cpSync(deb, join(this.path, "root", basename(deb)));
  }

  /** Keeps the system as it is now, for {@link renew}; what was clean before must be under it. */
  keep(): string {
    this.#unmount(this.path);
    const layer = join(this.#changes, `layer-${process.hrtime.bigint()}`);
    renameSync(join(this.#changes, "upper"), layer);
    return layer;
  }

  /** Runs a command in it, whatever its end. */
  tryRun(...command: readonly string[]): Ended {
    // One that hangs is ended with all that it started.
    const whole = ["--kill-after=5", "120", "chroot", this.path, ...command];
    const { status, stdout, stderr } = spawnSync("timeout", whole, {
      encoding: "utf8",
      maxBuffer: 100_000_000,
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        LC_ALL: "C",
        DEBIAN_FRONTEND: "noninteractive",
      },
    });
    return { status, stdout, said: `${stdout}${stderr}` };
  }

  /** Runs a command in it that must end well, and returns what it printed. */
  run(...command: readonly string[]): string {
    const { status, stdout, said } = this.tryRun(...command);
    assert.equal(status, 0, `${command.join(" ")}: ${said}`);
    return stdout;
  }

  /** Runs lines of shell in it that must end well, and returns what they printed. */
  shell(script: string): string {
    return this.run("sh", "-euc", script);
  }

  /** Installs one of the packages. */
  install(deb: string): Ended {
    const ended = this.tryRun("dpkg", "-i", `/root/${basename(deb)}`);
    assert.equal(ended.status, 0, ended.said);
    return ended;
  }

  /** Answers a question of the package before it is asked. */
  answer(question: string, type: string, value: string): void {
    this.shell(
      `echo 'linuxguard linuxguard/${question} ${type} ${value}' | debconf-set-selections`,
    );
  }

  /** Whether there is anything at a path, be it a link that leads nowhere. */
  has(path: string): boolean {
    return this.tryRun("sh", "-c", '[ -e "$1" ] || [ -L "$1" ]', "sh", path).status === 0;
  }

  /** Every path with its kind, owner, mode and content, and who may read the audit log. */
  look(...paths: readonly string[]): string {
    const list = `find ${paths.join(" ")} -xdev -printf '%p %y %u:%g %m %l ' \\( -type f -exec sha256sum {} \\; -o -printf '\\n' \\)`;
    return this.shell(`{ ${list}; getfacl -Rp /var/log/audit 2>/dev/null || :; } | sort`);
  }

  /** Removes all of it. */
  [Symbol.dispose](): void {
    this.#unmount(this.#work);
    rmSync(this.#work, { recursive: true });
  }

  #unmount(below: string): void {
    const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
    const ours = mounts
      .map((line) => line.split(" ")[1] ?? "")
      .filter((path) => path === below || path.startsWith(`${below}/`));
    for (const path of ours.toReversed()) execFileSync("umount", [path]);
  }
}
