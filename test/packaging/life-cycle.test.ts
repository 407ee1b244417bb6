import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";

const { account, audit, auditGroup, directories, receipts } = footprint;
const own = directories.filter(({ isVolatile }) => !isVolatile).map(({ path }) => path);

/** A life of the package in a Debian of its own, without a running system: the kernel is not touched. */
describe("The package in a Debian 12 that does not run", { concurrency: false }, () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-life-"));
  const clean = join(work, "clean");
  const changes = join(work, "changes");
  const root = join(work, "root");
  let older = "";
  let newer = "";

  before(async () => {
    const packages = "auditd,acl,debconf,libatomic1,libstdc++6,passwd,init-system-helpers";
    const options = ["--quiet", "--variant=important", `--include=${packages}`];
    execFileSync("mmdebstrap", [...options, "bookworm", clean], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    older = await makeStubDeb(join(work, "older"), { version: "1.0" });
    newer = await makeStubDeb(join(work, "newer"), { version: "1.1" });
  });
  beforeEach(() => {
    unmount();
    rmSync(changes, { recursive: true, force: true });
    for (const name of ["upper", "scratch"]) mkdirSync(join(changes, name), { recursive: true });
    mkdirSync(root, { recursive: true });
    const layers = `lowerdir=${clean},upperdir=${changes}/upper,workdir=${changes}/scratch`;
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", layers, root]);
    execFileSync("mount", ["-t", "tmpfs", "none", join(root, "dev")]);
    execFileSync("mount", ["-t", "proc", "proc", join(root, "proc")]);
    for (const [name, minor] of [
      ["null", "3"],
      ["zero", "5"],
      ["urandom", "9"],
    ] as const) {
      execFileSync("mknod", ["-m", "666", join(root, "dev", name), "c", "1", minor]);
    }
    for (const deb of [older, newer]) cpSync(deb, join(root, "root", basename(deb)));
  });
  after(() => {
    unmount();
    rmSync(work, { recursive: true });
  });

  function unmount(): void {
    const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
    const ours = mounts
      .map((line) => line.split(" ")[1] ?? "")
      .filter((path) => path.startsWith(root));
    for (const path of ours.toReversed()) execFileSync("umount", [path]);
  }

  function tryRun(...command: readonly string[]) {
    return spawnSync("chroot", [root, ...command], {
      encoding: "utf8",
      maxBuffer: 100_000_000,
      env: {
        PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
        LC_ALL: "C",
        DEBIAN_FRONTEND: "noninteractive",
      },
    });
  }

  function run(...command: readonly string[]): string {
    const { status, stdout, stderr } = tryRun(...command);
    assert.equal(status, 0, `${command.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  }

  function install(deb: string): void {
    run("dpkg", "-i", `/root/${basename(deb)}`);
  }

  function answer(question: string, type: string, value: string): void {
    run(
      "sh",
      "-c",
      `echo "linuxguard linuxguard/${question} ${type} ${value}" | debconf-set-selections`,
    );
  }

  /** Every path with its kind, owner, mode and content, and the lists of readers. */
  function look(...paths: readonly string[]): string {
    const list = `find ${paths.join(" ")} -xdev -printf '%p %y %u:%g %m %l ' \\( -type f -exec sha256sum {} \\; -o -printf '\\n' \\)`;
    return run("sh", "-c", `{ ${list}; getfacl -Rp /var/log/audit 2>/dev/null; } | sort`);
  }

  function isConsistent(): void {
    assert.equal(run("dpkg", "--audit"), "");
  }

  test("is installed, upgraded, downgraded, removed, installed again and purged, and leaves nothing but its account", () => {
    const before = look(
      "/etc/audit",
      "/usr/lib/systemd",
      "/usr/bin",
      "/usr/share/doc",
      "/var/log/audit",
      "/var/lib/systemd",
    );
    const groups = run("getent", "group");

    install(older);
    const id = run("id", account.name);
    assert.match(id, new RegExp(`\\(${auditGroup}\\)`));
    assert.match(run("getent", "passwd", account.name), /:\/usr\/sbin\/nologin\n$/);
    const made = run("stat", "-c", "%n %F %U:%G %a", ...own)
      .trimEnd()
      .split("\n");
    assert.deepEqual(
      made,
      own.map((path) => `${path} directory ${account.name}:${account.group} 750`),
    );
    assert.match(run("cat", audit.rules), /key=lg_exec\n/);
    assert.equal(run("linuxguard-setup", "plan"), "");
    install(newer);
    install(older);
    run("dpkg", "-r", "linuxguard");
    assert.equal(tryRun("test", "-e", audit.rules).status, 1);
    install(newer);
    run("dpkg", "-P", "linuxguard");

    assert.equal(
      look(
        "/etc/audit",
        "/usr/lib/systemd",
        "/usr/bin",
        "/usr/share/doc",
        "/var/log/audit",
        "/var/lib/systemd",
      ),
      before,
    );
    const left = run("getent", "group")
      .split("\n")
      .filter((line) => !groups.includes(line));
    assert.deepEqual(
      left.map((line) => line.replace(/:x:\d+:/, ":")).toSorted(),
      [auditGroup, account.group].map((name) => `${name}:`),
    );
    for (const path of [...own, receipts]) assert.equal(tryRun("test", "-e", path).status, 1, path);
    isConsistent();
  });

  test("gives access by an access control list where the log has a group, and by log_group where it has none", () => {
    install(older);
    assert.match(
      run("getfacl", "-p", "/var/log/audit"),
      new RegExp(`^group:${auditGroup}:r-x$`, "m"),
    );
    assert.match(run("cat", audit.daemonConfig), /^log_group = adm$/m);

    run("linuxguard-setup", "audit-access", "log-group");
    assert.match(run("cat", audit.daemonConfig), new RegExp(`^log_group = ${auditGroup}$`, "m"));
    assert.doesNotMatch(run("getfacl", "-p", "/var/log/audit"), new RegExp(auditGroup));

    run("dpkg", "-r", "linuxguard");
    assert.match(run("cat", audit.daemonConfig), /^log_group = adm$/m);
  });

  test("takes the answers of a preseed, and keeps no token", () => {
    answer("audit-access", "select", "log-group");
    answer("rule-tiers", "multiselect", "base, network");
    answer("enrolment-token", "password", "planted-token-7391");
    answer("read-journal", "boolean", "false");

    install(older);

    assert.match(run("cat", audit.daemonConfig), new RegExp(`^log_group = ${auditGroup}$`, "m"));
    assert.match(run("cat", audit.rules), /key=lg_net/);
    assert.doesNotMatch(run("id", account.name), /systemd-journal/);
    assert.equal(
      tryRun("grep", "-r", "planted-token-7391", "/var/cache/debconf", "/etc", "/var/lib").status,
      1,
    );
  });

  test("refuses a console without https in a clear line, with nothing changed", () => {
    answer("console-url", "string", "http://console.example/");

    const { status, stdout, stderr } = tryRun("dpkg", "-i", `/root/${basename(older)}`);

    assert.notEqual(status, 0);
    assert.match(
      stdout + stderr,
      /console URL must begin with https:\/\/: current value is "http:\/\/console\.example\/"/,
    );
    assert.equal(tryRun("getent", "passwd", account.name).status, 2);
  });

  for (const [what, spoil, complaint] of [
    ["an account of a person", "useradd --uid 1200 linuxguard", /is a person's/],
    ["an account with uid 0", "useradd --non-unique --uid 0 linuxguard", /has uid 0/],
    ["an account that can log in", "useradd --system --shell /bin/bash linuxguard", /can log in/],
    [
      "a link in place of a directory",
      "ln -s /srv /var/lib/linuxguard",
      /\/var\/lib\/linuxguard is a link/,
    ],
    [
      "a file in place of a directory",
      "touch /etc/linuxguard",
      /\/etc\/linuxguard is a link or no directory/,
    ],
  ] as const) {
    test(`refuses ${what}, with nothing changed`, () => {
      run("sh", "-c", spoil);
      const before = look("/etc", "/srv", "/var/log/audit");

      const { status, stdout, stderr } = tryRun("dpkg", "-i", `/root/${basename(older)}`);

      assert.notEqual(status, 0);
      assert.match(stdout + stderr, complaint);
      assert.equal(look("/etc", "/srv", "/var/log/audit"), before);
    });
  }

  for (const [what, spoil] of [
    [
      "linked auditd.conf",
      "mv /etc/audit/auditd.conf /etc/audit/real && ln -s real /etc/audit/auditd.conf",
    ],
    ["empty auditd.conf", ": >/etc/audit/auditd.conf"],
    ["missing auditd.conf", "rm /etc/audit/auditd.conf"],
  ] as const) {
    test(`bears a ${what}`, () => {
      run("sh", "-c", spoil);
      const before = look("/etc/audit");

      install(older);
      run("dpkg", "-P", "linuxguard");

      const lines = (text: string) =>
        text
          .split("\n")
          .filter((line) => what !== "empty auditd.conf" || !line.includes("auditd.conf"));
      assert.deepEqual(lines(look("/etc/audit")), lines(before));
      isConsistent();
    });
  }

  test("is not led out of the agent's directories by what the agent's account plants in them", () => {
    install(older);
    mkdirSync(join(root, "victim"));
    writeFileSync(join(root, "victim/file"), "precious");
    const plant = own.flatMap((path) => [
      `ln -s /victim ${path}/state`,
      `ln -s /victim/file ${path}/enrolment-token`,
      `ln -sf /etc/shadow ${path}/linked`,
      `mkfifo ${path}/fifo`,
      `touch -- "${path}/-rf" "${path}/a\nb"`,
    ]);
    plant.push(`mkfifo /etc/linuxguard/linuxguard.conf`);
    run("runuser", "-u", account.name, "--", "sh", "-c", plant.join(" && "));
    const before = look("/victim", "/etc/shadow", "/etc/passwd");

    install(newer);
    run("dpkg-reconfigure", "linuxguard");
    run("linuxguard-setup", "apply");
    install(older);

    const unchanged = (text: string) =>
      text.split("\n").filter((line) => line.includes("victim") || line.includes("/etc/"));
    assert.deepEqual(unchanged(look("/victim", "/etc/shadow", "/etc/passwd")), unchanged(before));
    run("dpkg", "-P", "linuxguard");
    assert.deepEqual(unchanged(look("/victim", "/etc/shadow", "/etc/passwd")), unchanged(before));
    for (const path of own) assert.equal(tryRun("test", "-e", path).status, 1, path);
  });

  test("does not follow a directory that was replaced by a link, on removal", () => {
    install(older);
    mkdirSync(join(root, "victim"));
    writeFileSync(join(root, "victim/file"), "precious");
    rmSync(join(root, "var/lib/linuxguard"), { recursive: true });
    symlinkSync("/victim", join(root, "var/lib/linuxguard"));

    run("dpkg", "-P", "linuxguard");

    assert.equal(readFileSync(join(root, "victim/file"), "utf8"), "precious");
    isConsistent();
  });
});
