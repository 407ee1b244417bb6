import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadApk } from "./read-apk.ts";

/**
 * A root with busybox and nothing else, and what apk does there with a package: Debian has no apk, so
 * this unpacks and runs the scripts in apk's order. Debian's busybox lacks the tools for accounts;
 * those here fail and succeed as busybox's own do.
 */
export class BusyboxRoot implements Disposable {
  readonly #root = mkdtempSync(join(tmpdir(), "linuxguard-busybox-"));

  constructor() {
    for (const each of ["bin", "dev", "etc/audit/rules.d", "tmp", "var/lib", "var/log/audit"]) {
      mkdirSync(join(this.#root, each), { recursive: true });
    }
    copyFileSync("/bin/busybox", join(this.#root, "bin/busybox"));
    const commands = execFileSync("/bin/busybox", ["--list"], { encoding: "utf8" });
    for (const name of commands.split("\n").filter((each) => each !== "" && each !== "busybox")) {
      symlinkSync("busybox", join(this.#root, "bin", name));
    }
    for (const [name, body] of Object.entries(accountTools)) {
      const file = join(this.#root, "bin", name);
      rmSync(file, { force: true });
      writeFileSync(file, `#!/bin/sh\n${body}`);
      chmodSync(file, 0o755);
    }
    writeFileSync(join(this.#root, "dev/null"), "");
    chmodSync(join(this.#root, "dev/null"), 0o666);
    writeFileSync(join(this.#root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    writeFileSync(join(this.#root, "etc/group"), "root:x:0:root\n");
    writeFileSync(join(this.#root, "etc/audit/auditd.conf"), "log_group = root\nnum_logs = 5\n");
  }

  /** `apk add` of a package that is not there. */
  install(apk: ReadApk): void {
    this.run(apk, "pre-install");
    this.#unpack(apk);
    this.run(apk, "post-install");
  }

  /** `apk upgrade`, or back to an older version: the scripts of the old package do not run. */
  upgrade(from: ReadApk, to: ReadApk): void {
    this.run(to, "pre-upgrade");
    this.#unpack(to);
    const staying = new Set(to.entries.map(({ path }) => path));
    this.#drop(from.entries.filter(({ path }) => !staying.has(path)));
    this.run(to, "post-upgrade");
  }

  /** `apk del`. */
  remove(apk: ReadApk): void {
    this.run(apk, "pre-deinstall");
    this.#drop(apk.entries);
  }

  /** Runs one script of a package, in the root and with no more of the environment than PATH. */
  run(apk: ReadApk, name: string): void {
    const script = apk.scripts.get(name);
    if (script === undefined) throw new Error(`Cannot run ${name}: the package has no such script`);
    execFileSync("chroot", [this.#root, "/bin/sh", "-s", "1.0.0-r0"], {
      input: script,
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      encoding: "utf8",
      stdio: "pipe",
    });
  }

  read(path: string): string {
    return readFileSync(join(this.#root, path), "utf8");
  }

  append(path: string, text: string): void {
    appendFileSync(join(this.#root, path), text);
  }

  /** All that is in the root by path: kind, mode, owner, and the content of files. */
  snapshot(): ReadonlyMap<string, string> {
    const paths = globSync("**/*", { cwd: this.#root }).filter((path) => !path.startsWith("dev/"));
    return new Map(paths.toSorted().map((path) => [path, this.#describe(path)]));
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true });
  }

  #describe(path: string): string {
    const at = join(this.#root, path);
    const status = lstatSync(at);
    const rights = `${(status.mode & 0o7777).toString(8)} ${status.uid}:${status.gid}`;
    if (status.isSymbolicLink()) return `link ${readlinkSync(at)}`;
    return status.isDirectory()
      ? `directory ${rights}`
      : `file ${rights} ${readFileSync(at).toString("hex")}`;
  }

  #unpack({ entries }: ReadApk): void {
    for (const { path, type, mode, target, bytes } of entries) {
      const at = join(this.#root, path);
      if (type === "5") mkdirSync(at, { recursive: true });
      else {
        rmSync(at, { force: true });
        if (type === "2") symlinkSync(target, at);
        else writeFileSync(at, bytes);
      }
      if (type !== "2") chmodSync(at, mode);
    }
  }

  #drop(entries: ReadApk["entries"]): void {
    for (const { path, type } of entries.toReversed()) {
      const at = join(this.#root, path);
      if (type !== "5") rmSync(at);
      else if (globSync("*", { cwd: at }).length === 0) rmdirSync(at);
    }
  }
}

const accountTools = {
  addgroup: String.raw`
if [ "$1" = -S ]; then
  ! grep -q "^$2:" /etc/group || exit 1
  echo "$2:x:$((100 + $(wc -l </etc/group))):" >>/etc/group
else
  grep -q "^$2:" /etc/group || exit 1
  sed -i "s/^\($2:.*:\)\$/\1$1/; t; s/^\($2:.*[^:]\)\$/\1,$1/" /etc/group
fi
`,
  adduser: String.raw`
while getopts SDHh:s:G:g: option; do
  case $option in
    h) home=$OPTARG ;;
    s) shell=$OPTARG ;;
    G) group=$OPTARG ;;
    g) gecos=$OPTARG ;;
    [SDH]) ;;
    *) exit 1 ;;
  esac
done
shift $((OPTIND - 1))
! grep -q "^$1:" /etc/passwd || exit 1
gid=$(sed -n "s/^$group:x:\([0-9]*\):.*/\1/p" /etc/group)
echo "$1:x:101:$gid:$gecos:$home:$shell" >>/etc/passwd
`,
  delgroup: String.raw`
sed -i "s/^\($2:.*:\)$1\$/\1/; s/,$1\$//" /etc/group
`,
} as const;
