import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { traceRoot } from "#test/support/root-trace.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";

const { account, audit, directories, receipts } = footprint;
const own = directories.filter(({ isVolatile }) => !isVolatile).map(({ path }) => path);

/** A package manager, its scripts and linuxguard-setup as the agent's account would like to have them. */
describe("The agent's account", { concurrency: false }, () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-attacks-"));
  let older = "";
  let newer = "";
  let debian: DebianRoot;
  let installed = "";

  before(async () => {
    older = await makeStubDeb(join(work, "older"), { version: "1.0" });
    newer = await makeStubDeb(join(work, "newer"), { version: "1.1" });
    debian = new DebianRoot(suites[0], [older, newer]);
    debian.renew();
    debian.shell("mkdir /victim; echo precious >/victim/file; chmod 0600 /victim/file");
    debian.install(older);
    installed = debian.keep();
  });
  beforeEach(() => {
    debian.renew(installed);
  });
  after(() => {
    debian[Symbol.dispose]();
    rmSync(work, { recursive: true });
  });

  const victims = () =>
    debian
      .look("/victim", "/etc/shadow", "/usr/bin/env")
      .split("\n")
      .filter((line) => /^\/(?:victim|etc|usr)/.test(line));

  const acts: readonly (readonly [string, () => unknown])[] = [
    ["an upgrade", () => debian.install(newer)],
    ["a reconfiguration", () => debian.run("dpkg-reconfigure", "linuxguard")],
    ["linuxguard-setup", () => debian.run("linuxguard-setup", "apply")],
    ["a removal", () => debian.run("dpkg", "-r", "linuxguard")],
    ["an installation", () => debian.install(older)],
    ["a purge", () => debian.run("dpkg", "-P", "linuxguard")],
  ];

  for (const [kind, plant] of [
    ["links", (path: string) => `ln -s /victim/file ${path}`],
    ["links to directories", (path: string) => `ln -s /victim ${path}`],
    ["hard links", (path: string) => `ln /victim/file ${path}`],
    ["pipes", (path: string) => `mkfifo ${path}; chown ${account.name} ${path}`],
  ] as const) {
    test(`leads no act of root out of its directories by ${kind} (I1)`, () => {
      // Names that are used, and names that a careless command takes for options or two lines.
      const names = ["linuxguard.conf", "enrolment-token", "state", "-rf", "'a\nb'"];
      const before = victims();
      for (const [what, act] of acts) {
        if (debian.has(own[0] ?? "")) {
          debian.shell(
            own
              .map(
                (path) =>
                  `cd ${path}; for n in ${names.join(" ")}; do rm -rf -- "$n"; done; ${names.map((name) => plant(`./${name}`)).join("; ")}`,
              )
              .join("\n"),
          );
        }

        act();

        assert.deepEqual(victims(), before, what);
      }
      for (const path of [...own, receipts]) assert.ok(!debian.has(path), path);
    });
  }

  test("does not make root wait for a pipe (I1)", () => {
    // The time that is allowed, in seconds instead of half a minute.
    debian.shell(`printf '#!/bin/sh\nshift 3\nexec /usr/bin/timeout -k 1 1 "$@"\n' >/usr/local/bin/timeout
chmod +x /usr/local/bin/timeout
runuser -u ${account.name} mkfifo /etc/linuxguard/new`);

    const { said } = debian.install(newer);

    assert.match(said, /^linuxguard: the answers could not be written into the configuration; /m);
  });

  test("does not make root wait for the file that the questions are read from (I1)", () => {
    debian.shell(
      `rm ${identity.configFile}; runuser -u ${account.name} mkfifo ${identity.configFile}`,
    );

    debian.run("dpkg-reconfigure", "linuxguard");
  });

  test("sees root touch no name below its directories, and no secret in a command line (I1, I2)", () => {
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", DEBIAN_FRONTEND: "noninteractive" };
    const below = new RegExp(
      own
        .map((path) => `"${path}/|[<"]${debian.path}${path}/|\\(\\d+<${debian.path}${path}>`)
        .join("|"),
    );
    for (const act of [
      ["dpkg", "-i", `/root/${basename(newer)}`],
      ["dpkg-reconfigure", "linuxguard"],
      ["linuxguard-setup", "apply"],
      ["dpkg", "-r", "linuxguard"],
    ]) {
      debian.answer("enrolment-token", "password", "planted-token-7391");

      const { status, byRoot, commands } = traceRoot(["chroot", debian.path, ...act], env);

      assert.equal(status, 0);
      assert.ok(
        byRoot.some((call) => call.includes(receipts)),
        "nothing was traced",
      );
      assert.deepEqual(
        byRoot.filter((call) => below.test(call)),
        [],
        act.join(" "),
      );
      assert.deepEqual(
        commands.filter((call) => call.includes("planted-token")),
        [],
      );
    }
  });

  test("owns what is configured, as it wrote it itself (I2)", () => {
    const owner = debian.run("stat", "-c", "%U:%G", identity.configFile);

    assert.equal(owner, `${account.name}:${account.group}\n`);
  });

  test("gets nothing run by what is written in a receipt (I3)", () => {
    debian.shell(`cd ${receipts}
printf 'mode=$(touch /pwned)\nmode=\`touch /pwned\`\n' | tee access >access-wanted
printf 'tiers=base;touch /pwned\ntouch /pwned\n' >rules-wanted
echo 'touch /pwned' >rules-made`);

    for (const [, act] of acts) act();

    assert.ok(!debian.has("/pwned"));
  });

  test("gets no file of others by an act on all that is below its directories (I4)", () => {
    debian.shell(
      own
        .map(
          (path) =>
            `mkdir -m 0701 ${path}/kept; touch ${path}/kept/file; chown -R daemon:adm ${path}/kept`,
        )
        .join("\n"),
    );
    const look = () =>
      debian.run("find", ...own.map((path) => `${path}/kept`), "-printf", "%p %u:%g %m\n");
    const before = look();

    for (const [, act] of acts.slice(0, -1)) act();

    assert.equal(look(), before);
  });

  test("does not have other file systems in its directories erased (I4)", () => {
    const [state = ""] = own;
    debian.shell(`mkdir ${state}/mounted`);
    execFileSync("mount", ["-t", "tmpfs", "none", join(debian.path, state, "mounted")]);
    debian.shell(`echo precious >${state}/mounted/file`);

    const { said } = debian.tryRun("dpkg", "-P", "linuxguard");

    assert.match(
      said,
      new RegExp(
        `^linuxguard: a directory could not be removed: ${state}; remove it by hand$`,
        "m",
      ),
    );
    assert.equal(debian.run("cat", `${state}/mounted/file`), "precious\n");
    assert.equal(debian.run("dpkg", "--audit"), "");
  });

  test("does not have a directory erased that a link stands for (I4)", () => {
    debian.shell(own.map((path) => `rm -r ${path}; ln -s /victim ${path}`).join("\n"));
    const before = victims();

    debian.run("dpkg", "-P", "linuxguard");

    assert.deepEqual(victims(), before);
    for (const path of own) assert.ok(debian.has(path), `${path} is not the package's`);
    assert.equal(debian.run("dpkg", "--audit"), "");
  });

  test("has the same after the scripts ran twice (I5)", () => {
    const look = () =>
      debian.look(
        "/etc",
        "/var/lib/linuxguard",
        "/var/log/linuxguard",
        receipts,
        "/var/lib/systemd",
      );
    const before = look();

    debian.run("dpkg-reconfigure", "linuxguard");
    debian.run("linuxguard-setup", "apply");

    assert.equal(look(), before);
    debian.run("linuxguard-setup", "remove");
    const removed = look();
    debian.run("linuxguard-setup", "remove");
    assert.equal(look(), removed);
  });

  test("has the kernel of the host left alone by a package in a chroot, even if the host's init shows there (I6)", () => {
    debian.shell(`mkdir -p /run/systemd/system
for name in auditctl augenrules; do
  printf '#!/bin/sh\necho "$0 $*" >>/asked\n' >/usr/local/sbin/$name
  chmod +x /usr/local/sbin/$name
done`);
    debian.run("linuxguard-setup", "audit-access", "log-group");

    for (const [, act] of acts) act();

    assert.ok(!debian.has("/asked"));
  });

  test("has a log_group that exists, whatever became of the one from before (I7)", () => {
    debian.shell(`linuxguard-setup audit-access none
groupadd gone
sed -i 's/^log_group.*/log_group = gone/' ${audit.daemonConfig}
linuxguard-setup audit-access log-group
groupdel gone`);

    debian.run("dpkg", "-P", "linuxguard");

    assert.match(debian.run("cat", audit.daemonConfig), /^log_group = root$/m);
  });
});
