import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";

const root = mkdtempSync(join(tmpdir(), "linuxguard-same-"));
after(() => {
  rmSync(root, { recursive: true });
});

const sources = [
  "src",
  "build",
  "debian",
  "etc",
  "man",
  "completions",
  "rules.d",
  "package.json",
  "package-lock.json",
];

test("Two packages made in two folders, at two times, with two umasks are the same", () => {
  const agent = join(root, "agent");
  // Large enough that dpkg-deb compresses it in more parts than one.
  writeFileSync(
    agent,
    createHash("shake256", { outputLength: 10_000_000 }).update("agent").digest(),
  );

  const first = build("a", { clock: "2026-11-24 01:02:03", umask: "022", threads: "1", agent });
  const second = build("another folder", {
    clock: "2031-02-03 04:05:06",
    umask: "077",
    threads: "2",
    agent,
  });

  assert.equal(first.length, 64);
  assert.equal(first, second);
});

interface Circumstances {
  readonly clock: string;
  readonly umask: string;
  readonly threads: string;
  readonly agent: string;
}

/** Checks the sources out as git would under the umask, makes the package, and returns its checksum. */
function build(name: string, { clock, umask, threads, agent }: Circumstances): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const each of sources) cpSync(each, join(folder, each), { recursive: true });
  execFileSync("chmod", ["-R", `u=rwX,go=${umask === "022" ? "rX" : ""}`, folder]);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const line = [
    process.execPath,
    "build/package/deb.ts",
    "--arch",
    "amd64",
    "--stub",
    agent,
    "--compression",
    "xz-0",
    "--output",
    "out",
  ];
  const script = 'umask "$1"; clock=$2; shift 2; exec faketime "$clock" "$@"';
  execFileSync("/bin/sh", ["-c", script, "sh", umask, clock, ...line], {
    cwd: folder,
    env: {
      ...process.env,
      // The times of files are what they are. Source: faketime(1).
      NO_FAKE_STAT: "1",
      DPKG_DEB_THREADS_MAX: threads,
      TZ: name === "a" ? "UTC" : "Asia/Tokyo",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [deb = ""] = globSync(join(folder, "out/*.deb"));
  return createHash("sha256").update(readFileSync(deb)).digest("hex");
}
