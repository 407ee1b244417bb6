import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Suite } from "#test/support/debian-root.ts";

/** What a Debian has beside what every one has. */
interface Extras {
  readonly packages?: readonly string[];
  /** Commands of apt-get whose downloads are at hand. */
  readonly downloads?: readonly string[];
  /** A script beside this file that is run last, with the root's folder as its argument. */
  readonly customize?: string;
}

/** A Debian that can be booted. Nothing may change it. */
export interface Image {
  readonly kernel: string;
  readonly initrd: string;
  /** The disk, raw. */
  readonly disk: string;
}

const cache = "dist/vm";
const recipe = ["image.ts", "customize.sh", "guest-agent.sh", "guest-agent.service"];

/** What the package depends on is there already, as the machine has no network. */
const packages = [
  ...["linux-image-cloud-amd64", "initramfs-tools", "systemd-sysv", "udev", "kmod", "e2fsprogs"],
  ...["auditd", "acl", "openssh-server", "openssh-client", "sudo", "passwd", "procps", "iproute2"],
  ...["libatomic1", "libstdc++6", "debconf", "init-system-helpers", "curl", "ca-certificates"],
];

/**
 * Returns a small Debian with systemd, auditd, sshd and sudo, and with more if asked. It is made
 * once, from the mirror that this machine's apt uses, and kept as long as its recipe is the same.
 */
export async function debianImage(suite: Suite, extras: Extras = {}): Promise<Image> {
  const here = import.meta.dirname;
  const { customize } = extras;
  const used = customize === undefined ? recipe : [...recipe, customize];
  const sources = used.map((name) => readFileSync(join(here, name)));
  const key = createHash("sha256").update(Buffer.concat(sources)).update(JSON.stringify(extras));
  const folder = resolve(cache, `${suite.name}-${key.digest("hex").slice(0, 8)}`);
  if (!existsSync(folder)) await make(suite, extras, folder);
  return {
    kernel: join(folder, "vmlinuz"),
    initrd: join(folder, "initrd"),
    disk: join(folder, "disk"),
  };
}

async function make(
  suite: Suite,
  { packages: more = [], downloads = [], customize }: Extras,
  folder: string,
): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${folder}.new-`);
  const root = join(work, "root");
  // An initial RAM disk with no more than this machine has unpacks in a tenth of the time.
  const modules = "crc32c_generic\\nvirtio_pci\\nvirtio_blk\\next4\\n";
  const smallInitrd = [
    'mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"',
    'echo MODULES=list >"$1/etc/initramfs-tools/conf.d/vm"',
    `printf '${modules}' >"$1/usr/share/initramfs-tools/modules.d/vm"`,
  ].join("; ");
  await run("mmdebstrap", [
    ...["--quiet", "--format=directory", "--variant=minbase"],
    `--include=${[...packages, ...more].join(",")}`,
    `--essential-hook=${smallInitrd}`,
    ...["customize.sh", ...(customize === undefined ? [] : [customize])].map(
      (name) => `--customize-hook=${join(import.meta.dirname, name)} "$1"`,
    ),
    ...(downloads.length === 0 ? [] : ["--skip=cleanup/apt"]),
    ...downloads.map(
      (words) => `--customize-hook=chroot "$1" apt-get -qqy --download-only ${words}`,
    ),
    ...[suite.name, root, ...(await mirror())],
  ]);
  for (const name of ["vmlinuz", "initrd"]) {
    const [file = ""] = globSync(join(root, "boot", `${name}*`));
    renameSync(file, join(work, name));
  }
  await run("mkfs.ext4", ["-q", "-F", "-d", root, join(work, "disk"), "3G"]);
  rmSync(root, { recursive: true });
  // Test files run side by side: another one may have made it meanwhile.
  if (existsSync(folder)) rmSync(work, { recursive: true });
  else renameSync(work, folder);
}

/** Where this machine's apt has Debian from; nothing if it cannot say, and then mmdebstrap knows one. */
async function mirror(): Promise<readonly string[]> {
  const filter = ["Created-By: Packages", "Origin: Debian", "Label: Debian"];
  const list = await run("apt-get", ["indextargets", "--format", "$(REPO_URI)", ...filter]);
  return list.split("\n", 1).filter((line) => line !== "");
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args);
  return stdout;
}
