import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { DebianRoot, suites } from "#test/support/debian-root.ts";

const unit = "linuxguard.service";
const [suite] = suites;
const recorder = `#!/bin/sh
echo "$*" >>/root/called
case "$*" in *is-enabled*) [ -e /root/enabled ] ;; esac
`;

/**
 * The scriptlets as the first process of a name space of processes: so they take the root for that of
 * a running system. What would act on the kernel or on systemd is recorded in its place.
 */
describe("Where systemd runs, the scriptlet", { concurrency: false }, () => {
  const debian = new DebianRoot(suite, []);
  const calls = {
    reload: "--system daemon-reload",
    preset: `--no-reload preset ${unit}`,
    isEnabled: `--quiet is-enabled ${unit}`,
    start: `start ${unit}`,
    restart: `try-restart ${unit}`,
    stop: `stop ${unit}`,
    disable: `--no-reload disable ${unit}`,
  };

  beforeEach(() => {
    debian.renew();
    debian.shell(`mkdir -p /run/systemd/system
      for name in systemctl auditctl augenrules; do
        file=$(command -v "$name")
        rm "$file"
        printf '#!/bin/sh\n' >"$file"
        chmod 755 "$file"
      done`);
    debian.run("sh", "-c", 'printf %s "$1" >"$(command -v systemctl)"', "sh", recorder);
    debian.run("touch", "/root/enabled");
    debian.run("useradd", "--system", "--user-group", "linuxguard");
  });
  after(() => debian[Symbol.dispose]());

  /** What a scriptlet asks of systemctl. */
  function callsOf(name: string, versions: number): readonly string[] {
    copyFileSync(join("rpm", name), join(debian.path, "root/scriptlet"));
    const script = 'mount -t proc proc /proc; sh /root/scriptlet "$1" >&2';
    const inside = ["chroot", debian.path, "sh", "-euc", script, "sh", String(versions)];
    execFileSync("unshare", ["--pid", "--mount", "--fork", ...inside], { stdio: "pipe" });
    return debian.shell("cat /root/called 2>/dev/null || :").split("\n").slice(0, -1);
  }

  test("after the first installation has the preset decide, and starts what is enabled", () => {
    assert.deepEqual(callsOf("post", 1), [
      calls.preset,
      calls.isEnabled,
      calls.reload,
      calls.start,
    ]);
  });

  test("after the first installation starts nothing that a preset disabled", () => {
    debian.run("rm", "/root/enabled");

    assert.deepEqual(callsOf("post", 1), [calls.preset, calls.isEnabled]);
  });

  test("after an upgrade leaves the service to the old version's, which restarts what runs", () => {
    assert.deepEqual(callsOf("post", 2), []);
    assert.deepEqual(callsOf("preun", 1), []);
    assert.deepEqual(callsOf("postun", 1), [calls.reload, calls.restart]);
  });

  test("at a removal stops and disables the service, and then has systemd forget it", () => {
    assert.deepEqual(callsOf("preun", 0), [calls.stop, calls.disable]);
    assert.deepEqual(callsOf("postun", 0), [calls.stop, calls.disable, calls.reload]);
  });
});
