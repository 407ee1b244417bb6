import { execFileSync, spawnSync } from "node:child_process";
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
  readonly path = mkdtempSync(join(tmpdir(), "linuxguard-busybox-"));
  readonly #transcript: string[] = [];

  constructor() {
    chmodSync(this.path, 0o755);
    const folders = ["bin", "dev", "etc/audit/rules.d", "proc", "run", "tmp", "var/lib"];
    for (const each of [...folders, "var/log/audit"]) {
      mkdirSync(join(this.path, each), { recursive: true });
    }
    copyFileSync("/bin/busybox", join(this.path, "bin/busybox"));
    const commands = execFileSync("/bin/busybox", ["--list"], { encoding: "utf8" });
    for (const name of commands.split("\n").filter((each) => each !== "" && each !== "busybox")) {
      symlinkSync("busybox", join(this.path, "bin", name));
    }
    for (const [name, body] of Object.entries(accountTools)) {
      const file = join(this.path, "bin", name);
      rmSync(file, { force: true });
      writeFileSync(file, `#!/bin/sh\n${body}`);
      chmodSync(file, 0o755);
    }
    writeFileSync(join(this.path, "dev/null"), "");
    chmodSync(join(this.path, "dev/null"), 0o666);
    writeFileSync(join(this.path, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    writeFileSync(join(this.path, "etc/group"), "root:x:0:root\n");
    writeFileSync(join(this.path, "etc/audit/auditd.conf"), "log_group = root\nnum_logs = 5\n");
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
    const { status, stdout } = spawnSync(
      "chroot",
      [this.path, "/bin/sh", "-c", 'exec 2>&1; sh -s "$@"', "sh", "1.0.0-r0"],
      { input: script, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }, encoding: "utf8" },
    );
    this.#transcript.push(`# ${name} 1.0.0-r0\n${stdout}# ended with ${status}\n`);
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stdout}`);
  }

  /** What the scripts said that were run, and how they ended. */
  get transcript(): string {
    return this.#transcript.join("\n");
  }

  /** The words that have a program run in the root by one of its accounts, with /proc there. */
  command(account: string, ...words: readonly string[]): readonly [string, ...string[]] {
    const [, , uid, gid] = this.fieldsOf("passwd", account);
    const groups = this.read("etc/group")
      .split("\n")
      .map((line) => line.split(":"))
      .filter(([, , , members = ""]) => members.split(",").includes(account))
      .map(([, , id]) => id);
    const act = 'mount -t proc proc "$0/proc" && exec chroot "$@"';
    const who = [`--userspec=${uid}:${gid}`, `--groups=${groups.join(",")}`];
    const unshare = ["--mount", "--propagation=private", "sh", "-c", act, this.path];
    return ["unshare", ...unshare, ...who, this.path, ...words];
  }

  /** The fields of an entry of /etc/passwd or /etc/group. */
  fieldsOf(database: string, name: string): readonly string[] {
    const lines = this.read(`etc/${database}`).split("\n");
    const line = lines.find((each) => each.startsWith(`${name}:`));
    if (line === undefined) throw new Error(`Cannot find ${name} in ${database}`);
    return line.split(":");
  }

  read(path: string): string {
    return readFileSync(join(this.path, path), "utf8");
  }

  append(path: string, text: string): void {
    appendFileSync(join(this.path, path), text);
  }

  /** All that is in the root by path: kind, mode, owner, and the content of files. */
  snapshot(): ReadonlyMap<string, string> {
    const paths = globSync("**/*", { cwd: this.path }).filter((path) => !path.startsWith("dev/"));
    return new Map(paths.toSorted().map((path) => [path, this.#describe(path)]));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }

  #describe(path: string): string {
    const at = join(this.path, path);
    const status = lstatSync(at);
    const rights = `${(status.mode & 0o7777).toString(8)} ${status.uid}:${status.gid}`;
    if (status.isSymbolicLink()) return `link ${readlinkSync(at)}`;
    return status.isDirectory()
      ? `directory ${rights}`
      : `file ${rights} ${readFileSync(at).toString("hex")}`;
  }

  #unpack({ entries }: ReadApk): void {
    for (const { path, type, mode, target, bytes } of entries) {
      const at = join(this.path, path);
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
      const at = join(this.path, path);
      if (type !== "5") rmSync(at);
      else if (globSync("*", { cwd: at }).length === 0) rmdirSync(at);
    }
  }
}

/** Tools for accounts by name, as shell: they take, fail and succeed as those of busybox do. */
export const accountTools = {
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
[ ! -e /etc/shadow ] || echo "$1:!:::::::" >>/etc/shadow
`,
  delgroup: String.raw`
sed -i "s/^\($2:.*:\)$1\$/\1/; s/,$1\$//" /etc/group
`,
} as const;
