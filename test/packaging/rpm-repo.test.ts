import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { baseOf } from "#build/binary/base.ts";
import { makeRpm } from "#build/package/rpm.ts";
import { writeRpmRepo } from "#build/package/rpm-repo.ts";
import { SigningKey } from "#build/package/signing-key.ts";
import { renderSums } from "#build/package/sums.ts";
import { version } from "#product/version.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import { basics, makeEmptyRpm, PrivateDnf } from "#test/support/private-dnf.ts";
import { makeSigningKey, makeStubRpm } from "#test/support/stub-package.ts";

const root = mkdtempSync(join(tmpdir(), "linuxguard-rpm-repo-"));
const repository = join(root, "repository");
const { machine } = baseOf();
const name = `linuxguard-${version}-1.${machine}.rpm`;
const time = Date.parse("2026-01-02T03:04:05Z") / 1_000;
let key = "";
let packages: readonly string[] = [];
let distribution = "";

before(async () => {
  // A program of the machine's own, as rpmlint has its say on those.
  const agentFile = join(root, "agent");
  copyFileSync("/bin/true", agentFile);
  const folder = join(root, "packages");
  packages = [
    await makeRpm({ base: baseOf(), agentFile, folder }),
    await makeStubRpm(folder, { arch: baseOf().arch === "x64" ? "arm64" : "amd64" }),
  ];
  key = makeSigningKey(root);
  publish(repository);
  const provides = [...basics, "audit = 3.0", ...listLibraries(packages[0] ?? "")];
  distribution = makeEmptyRpm({ name: "distribution", version: "1", provides, folder });
});
after(() => rmSync(root, { recursive: true }));

function publish(folder: string): void {
  using signing = SigningKey.open(key);
  writeRpmRepo({ packages, folder, url: `file://${repository}/`, key: signing, time });
}

function listLibraries(file: string): readonly string[] {
  const requires = execFileSync("rpm", ["-qp", "--requires", file], { encoding: "utf8" });
  return requires.split("\n").filter((line) => /^(?:lib|ld-|rtld)/.test(line));
}

/** A dnf that knows a copy of the repository, changed, and a root to try it on. */
function changed(what: string, change: (folder: string) => void): PrivateDnf {
  const folder = join(root, what);
  cpSync(repository, folder, { recursive: true });
  const settings = join(folder, "linuxguard.repo");
  const text = readFileSync(settings, "utf8");
  writeFileSync(settings, text.replace(`file://${repository}/`, `file://${folder}/`));
  change(join(folder, machine));
  const dnf = new PrivateDnf(join(root, `${what}-dnf`), folder, join(root, `${what}-root`));
  assert.equal(dnf.rpm("--install", distribution).status, 0);
  return dnf;
}

/** Makes the list anew and signs it, so that only the package is wrong. */
function sign(folder: string, by: string): void {
  execFileSync("createrepo_c", ["--quiet", "--no-database", folder], { stdio: "pipe" });
  using signing = SigningKey.open(by);
  const list = join(folder, "repodata/repomd.xml");
  signing.sign(list, "detached", `${list}.asc`);
}

describe("The repository for dnf", () => {
  test("has a folder for each architecture, the key, its settings and the package of both", () => {
    const files = globSync("**/*.{rpm,repo,asc,xml}", { cwd: repository }).toSorted();

    const release = `linuxguard-release-${version}-1.noarch.rpm`;
    const folders = ["aarch64", "x86_64"].flatMap((arch) => [
      `${arch}/linuxguard-${version}-1.${arch}.rpm`,
      `${arch}/${release}`,
      `${arch}/repodata/repomd.xml`,
      `${arch}/repodata/repomd.xml.asc`,
    ]);
    assert.deepEqual(files, [...folders, release, "linuxguard.repo"].toSorted());
  });

  test("is the same of the same packages, but for the signatures of its lists", () => {
    const again = join(root, "again");

    publish(again);

    const [first, second] = [repository, again].map((folder) =>
      renderSums(folder)
        .split("\n")
        .filter((line) => !line.endsWith("/repomd.xml.asc")),
    );
    assert.deepEqual(first, second);
  });

  test("brings by linuxguard-release the settings and the key that it has beside it", () => {
    const dnf = changed("release", () => {});
    const folder = join(root, "release-root");

    const { status, said } = dnf.run("install", "linuxguard-release");

    assert.equal(status, 0, said);
    const settings = readFileSync(join(folder, "etc/yum.repos.d/linuxguard.repo"), "utf8");
    assert.equal(settings, readFileSync(join(repository, "linuxguard.repo"), "utf8"));
    assert.match(settings, /^gpgcheck=1\nrepo_gpgcheck=1$/m);
    const place = /^gpgkey=file:\/\/(?<path>.+)$/m.exec(settings)?.groups?.path ?? "";
    assert.deepEqual(
      readFileSync(join(folder, place)),
      readFileSync(join(repository, "RPM-GPG-KEY-linuxguard")),
    );
    assert.equal(dnf.rpm("-q", "--configfiles", "linuxguard-release").said.split("\n").length, 3);
  });

  test("has packages of which rpmlint finds only what is filtered, each filter with a reason and in use", () => {
    const config = readFileSync("rpm/rpmlint.toml", "utf8");
    const [settings = "", list = ""] = config.split(/^Filters = /m);
    writeFileSync(join(root, "settings.toml"), settings);

    const found = lint("rpm/rpmlint.toml");
    const all = lint(join(root, "settings.toml"));

    keepEvidence("rpmlint", `${found}\nWithout filters:\n${all}`);
    assert.match(found, /^ 2 packages and 0 specfiles checked; 0 errors, 0 warnings/m, found);
    const lines = list.split("\n").map((line) => line.trim());
    const filters = lines.flatMap((line, index) => {
      if (!line.startsWith('"')) return [];
      assert.match(lines[index - 1] ?? "", /^[#"]/, `${line} has no reason`);
      return JSON.parse(line.replace(/,$/, "")) as string;
    });
    // These are of the real program.
    const unused = filters.filter((filter) => !new RegExp(filter, "m").test(all));
    assert.deepEqual(
      unused.filter((filter) => !filter.endsWith(" /usr/bin/linuxguard-agent$")),
      [],
    );
  });
});

/** What rpmlint, knowing the key, finds of the packages for this machine. */
function lint(config: string): string {
  const home = join(root, "home");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, ".rpmmacros"), `%_dbpath ${home}/db\n`);
  const options = { encoding: "utf8", env: { ...process.env, HOME: home } } as const;
  spawnSync("rpmkeys", ["--import", join(repository, "RPM-GPG-KEY-linuxguard")], options);
  const files = globSync(join(repository, machine, "*.rpm"));
  const { stdout, stderr, error } = spawnSync("rpmlint", ["-c", config, ...files], options);
  assert.equal(error, undefined, stderr);
  return stdout;
}

describe("dnf refuses", () => {
  test("a list that was changed", () => {
    const dnf = changed("changed-list", (folder) => {
      appendFileSync(join(folder, "repodata/repomd.xml"), "<!-- more -->\n");
    });

    const { status, said } = dnf.run("install", "linuxguard");

    assert.notEqual(status, 0);
    assert.match(said, /repomd\.xml GPG signature verification error: Bad GPG signature/);
  });

  test("a list whose signature was taken away", () => {
    const dnf = changed("unsigned-list", (folder) => {
      rmSync(join(folder, "repodata/repomd.xml.asc"));
    });

    const { status, said } = dnf.run("install", "linuxguard");

    assert.notEqual(status, 0);
    assert.match(said, /GPG verification is enabled, but GPG signature is not available/);
  });

  test("a list that another key signed", () => {
    const other = join(root, "other");
    mkdirSync(other);
    const foreign = makeSigningKey(other);
    const dnf = changed("foreign", (folder) => sign(folder, foreign));

    const { status, said } = dnf.run("install", "linuxguard");

    assert.notEqual(status, 0);
    assert.match(said, /repomd\.xml GPG signature verification error: Bad GPG signature/);
  });

  test("a package that was changed", () => {
    const dnf = changed("changed-package", (folder) => {
      flipLastByte(join(folder, name));
    });

    const { status, said } = dnf.run("install", "linuxguard");

    assert.notEqual(status, 0);
    assert.match(said, /has incorrect checksum/);
  });

  test("a package that was changed, though its list was signed after that", () => {
    const dnf = changed("changed-and-listed", (folder) => {
      flipLastByte(join(folder, name));
      sign(folder, key);
    });

    const { status, said } = dnf.run("install", "linuxguard");

    assert.notEqual(status, 0);
    assert.match(said, /GPG check FAILED/);
  });

  test("a package without a signature, though its list is signed", () => {
    const dnf = changed("unsigned-package", (folder) => {
      copyFileSync(packages[0] ?? "", join(folder, name));
      sign(folder, key);
    });

    const { status, said } = dnf.run("install", "linuxguard");

    assert.notEqual(status, 0);
    assert.match(said, /is not signed/);
    assert.match(said, /GPG check FAILED/);
  });
});

function flipLastByte(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(file, bytes);
}
