import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { renderOpenrcScript, renderOpenrcSettings } from "#build/units/openrc.ts";
import { renderService } from "#build/units/service.ts";
import { footprint } from "#product/footprint.ts";

const { account, directories, files } = footprint;
const own = directories.map(({ path }) => path);
const script = renderOpenrcScript();
const shells = [["dash"], ["bash", "--posix"], ["busybox", "ash"]] as const;
const root = mkdtempSync(join(tmpdir(), "linuxguard-openrc-"));
after(() => {
  rmSync(root, { recursive: true });
});

/** What openrc-run(8) gives a script, each of which tells how it was called. */
const surroundings = `
checkpath() { echo "checkpath $*"; }
einfo() { echo "einfo $*"; }
ebegin() { :; }
eend() { return "$1"; }
supervise-daemon() { echo "supervise-daemon $*"; }
RC_SVCNAME=linuxguard
`;
const utilLinux = `setpriv() { echo "  --init-groups  set groups"; }`;
const oldUtilLinux = `setpriv() { [ "$1" = --help ] && echo "  --init-groups  set groups"; }`;
const busybox = `setpriv() { echo "  --nnp,--no-new-privs" >&2; return 1; }`;

/** Runs the script as openrc-run(8) does, then some lines, in one shell. */
function run(shell: readonly [string, ...string[]], ...lines: readonly string[]): string {
  const [program, ...options] = shell;
  // No shell takes a dash in the name of a function; openrc-run(8) finds the program instead.
  const text = [surroundings, ...lines, ""].join("\n").replaceAll("supervise-daemon", "supervise");
  return execFileSync(program, [...options, "-euc", text], { encoding: "utf8" });
}

/** The script, started as far as openrc-run(8) lets it begin the daemon itself. */
function start(shell: readonly [string, ...string[]], setpriv: string, settings = ""): string {
  const show = `echo "run $command $command_args"
    echo "as \${command_user-root} with $supervise_daemon_args, $respawn_max, $error_log"`;
  return run(shell, setpriv, settings, script, "start_pre", show);
}

describe("The service for OpenRC", () => {
  test("is accepted by every shell and by shellcheck", () => {
    const file = join(root, "linuxguard");
    for (const text of [script, renderOpenrcSettings()]) {
      writeFileSync(file, text);
      for (const [shell, ...options] of shells) {
        execFileSync(shell, [...options, "-n", file], { stdio: "pipe" });
      }
    }
    writeFileSync(file, script);
    execFileSync("shellcheck", [file], { stdio: "pipe" });
  });

  for (const shell of shells) {
    test(`takes every right away with the setpriv of util-linux, under ${shell[0]}`, () => {
      const told = start(shell, utilLinux);

      assert.match(told, /^as root with --nicelevel 5, 20, \/run\/linuxguard\.err$/m);
      assert.match(
        told,
        new RegExp(
          `^run /usr/bin/env -i PATH=\\S+ MALLOC_ARENA_MAX=1 setpriv --reuid=${account.name} ` +
            `--regid=${account.group} --init-groups --no-new-privs --bounding-set=-all ` +
            `--inh-caps=-all --landlock-access fs:execute,.* ${files.agent.path} run$`,
          "m",
        ),
      );
      assert.doesNotMatch(told, /einfo/);
    });

    test(`lets it write to its directories only and execute itself only, under ${shell[0]}`, () => {
      const told = start(shell, utilLinux, 'writable_directories="/data/one /data/two"');

      const rules = [...told.matchAll(/ path-beneath:(?<acts>\S+):(?<path>\S+)/g)];
      const having = (act: string) =>
        rules.flatMap(({ groups = {} }) => (groups.acts?.includes(act) ? [groups.path] : []));
      assert.deepEqual(having("make-reg"), [...own, "/data/one", "/data/two"]);
      assert.deepEqual(having("write-file"), [...having("make-reg"), "/proc", "/dev/null"]);
      assert.deepEqual(
        having("execute"),
        [files.agent.path, footprint.openrc.loader.path].filter((path) => existsSync(path)),
      );
    });

    test(`says that it has no sandbox where Landlock is not known, under ${shell[0]}`, () => {
      const told = start(shell, oldUtilLinux);

      assert.match(told, /^einfo Without Landlock/m);
      assert.match(told, /^run .* --inh-caps=-all \/usr\/bin\/linuxguard-agent run$/m);
    });

    test(`lets OpenRC change the account without it, and says what stays, under ${shell[0]}`, () => {
      const told = start(shell, busybox);

      assert.match(told, /^einfo Without the setpriv of util-linux/m);
      assert.match(told, /^run \/usr\/bin\/env -i .* {2}\/usr\/bin\/linuxguard-agent run$/m);
      assert.match(
        told,
        /^as linuxguard:linuxguard with --nicelevel 5 --no-new-privs, 20, \/run\/linuxguard\/err$/m,
      );
    });
  }

  test("makes no path but those of the boot's own file system, each in a folder of root's", () => {
    const told = start(["dash"], utilLinux).split("\n");

    const volatile = directories.filter(({ isVolatile }) => isVolatile).map(({ path }) => path);
    assert.deepEqual(
      told.filter((line) => line.startsWith("checkpath")).map((line) => line.split(" ").at(-1)),
      volatile,
    );
  });

  test("reloads by SIGHUP", () => {
    assert.match(run(["dash"], script, "reload"), /^supervise linuxguard --signal HUP /m);
  });

  test("has settings that are its own defaults, and others where an administrator sets them", () => {
    const settings = renderOpenrcSettings();
    const set = settings.replace(/^#(?=\w+=|[\w.]+ \d|")/gm, "").replace('max="20"', 'max="3"');

    assert.equal(start(["dash"], utilLinux, settings), start(["dash"], utilLinux));
    assert.match(start(["dash"], utilLinux, set), /--nicelevel 5, 3, /);
  });

  test("has the bounds that the service for systemd has", () => {
    const MiB = 1_048_576;
    const service = renderService();
    const mebibytes = (key: string) =>
      Number(new RegExp(`^${key}=(?<size>\\d+)M$`, "m").exec(service)?.groups?.size) * MiB;

    for (const line of [
      `memory.high ${mebibytes("MemoryHigh")}`,
      `memory.max ${mebibytes("MemoryMax")}`,
      `pids.max ${/^TasksMax=(\d+)$/m.exec(service)?.[1]}`,
      `cpu.weight ${/^CPUWeight=(\d+)$/m.exec(service)?.[1]}`,
      `  ulimit -n ${/^LimitNOFILE=(\d+)$/m.exec(service)?.[1]}`,
      `umask=${/^UMask=(\d+)$/m.exec(service)?.[1]}`,
      `respawn_max=${/^StartLimitBurst=(\d+)$/m.exec(service)?.[1]}`,
    ]) {
      assert.ok(script.includes(line), line);
    }
  });
});
