import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";

/** What may be left, and why. Accounts and groups stay too, and piuparts asks for no exception. */
const exceptions = [
  // Made by debconf itself when apt asks the questions of a package.
  "^/var/cache/debconf/tmp\\.ci(/|$)",
];

test("piuparts finds nothing left of the package when it is purged, be it new or upgraded", async () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-piuparts-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1g,mode=755", "none", work]);
  try {
    const older = await makeStubDeb(join(work, "older"), { version: "1.0" });
    const newer = await makeStubDeb(join(work, "newer"), { version: "1.1" });
    using debian = new DebianRoot(suites[0], []);
    debian.renew();
    execFileSync("umount", [join(debian.path, "proc")]);
    // An archive with the older version and nothing else: no network is needed.
    const archive = join(debian.path, "archive");
    mkdirSync(archive);
    copyFileSync(older, join(archive, basename(older)));
    const index = execFileSync("apt-ftparchive", ["packages", "."], { cwd: archive });
    writeFileSync(join(archive, "Packages"), index);
    writeFileSync(
      join(debian.path, "etc/apt/sources.list"),
      "deb [trusted=yes] file:///archive ./\n",
    );

    const { status, stdout } = spawnSync(
      "piuparts",
      [
        ...["--existing-chroot", debian.path, "--keep-sources-list", "--tmpdir", work],
        ...["--distribution", suites[0].name, "--no-eatmydata"],
        ...exceptions.flatMap((path) => ["--ignore-regex", path]),
        newer,
      ],
      { encoding: "utf8", maxBuffer: 100_000_000 },
    );

    assert.equal(status, 0, stdout.replaceAll(/^.* DEBUG: .*\n/gm, ""));
    assert.match(stdout, /Unpacking linuxguard \(1\.1\) over \(1\.0\)[\s\S]*PASS: All tests/);
  } finally {
    execFileSync("umount", [work]);
    rmSync(work, { recursive: true });
  }
});
