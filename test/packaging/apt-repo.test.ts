import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { writeAptRepo } from "#build/package/apt-repo.ts";
import { SigningKey } from "#build/package/signing-key.ts";
import { FolderServer, PrivateApt } from "#test/support/private-apt.ts";
import { makeSigningKey, makeStubDeb } from "#test/support/stub-package.ts";

const root = mkdtempSync(join(tmpdir(), "linuxguard-apt-repo-"));
const repository = join(root, "repository");
const url = `file:${repository}/`;
const time = 1_795_424_400;
let packages: readonly string[] = [];
let key: SigningKey;

before(async () => {
  const folder = join(root, "packages");
  packages = [
    await makeStubDeb(folder, { version: "0.0.9", arch: "amd64" }),
    await makeStubDeb(folder, { version: "0.1.0", arch: "amd64" }),
    await makeStubDeb(folder, { version: "0.1.0", arch: "arm64" }),
  ];
  key = SigningKey.open(makeSigningKey(root));
  writeAptRepo({ packages, folder: repository, url, key, time });
});
after(() => {
  key[Symbol.dispose]();
  rmSync(root, { recursive: true });
});

/** A copy of the repository, changed, and an apt that knows it. */
function changed(name: string, change: (dist: string, folder: string) => void): PrivateApt {
  const folder = join(root, name);
  cpSync(repository, folder, { recursive: true });
  const sources = join(folder, "linuxguard.sources");
  writeFileSync(sources, readFileSync(sources, "utf8").replace(url, `file:${folder}/`));
  change(join(folder, "dists/stable"), folder);
  return new PrivateApt(join(root, `${name}-apt`), folder);
}

describe("The repository for apt", () => {
  test("lets apt install the newest package, over HTTP and by checksum", async () => {
    await using server = new FolderServer(join(root, "served"));
    const address = await server.listen();
    writeAptRepo({ packages, folder: server.folder, url: address, key, time });
    const apt = new PrivateApt(join(root, "apt"), server.folder);

    const update = await apt.run("update");
    const install = await apt.run("install", "--download-only", "linuxguard");

    assert.equal(update.code, 0, update.said);
    assert.equal(install.code, 0, install.said);
    assert.ok(readdirSync(apt.downloads).includes("linuxguard_0.1.0_amd64.deb"), install.said);
    const lists = server.asked.filter((path) => path.includes("binary-amd64"));
    assert.ok(
      lists.length > 0 && lists.every((path) => path.includes("/by-hash/SHA256/")),
      `${lists}`,
    );
    assert.equal(
      server.asked.some((path) => path.includes("binary-arm64")),
      false,
    );
  });

  test("keeps earlier versions, which can be asked for", async () => {
    const apt = new PrivateApt(join(root, "earlier"), repository);

    const update = await apt.run("update");
    const install = await apt.run("install", "--download-only", "linuxguard=0.0.9");

    assert.equal(update.code, 0, update.said);
    assert.equal(install.code, 0, install.said);
  });

  test("has a package that brings its key, which apt can install", async () => {
    const apt = new PrivateApt(join(root, "keyring"), repository);
    await apt.run("update");

    const install = await apt.run("install", "--download-only", "linuxguard-archive-keyring");

    assert.equal(install.code, 0, install.said);
    const [deb = ""] = globSync(join(repository, "pool/**/linuxguard-archive-keyring_*.deb"));
    const files = join(root, "keyring-files");
    execFileSync("dpkg-deb", ["--extract", deb, files]);
    assert.deepEqual(
      readFileSync(join(files, "usr/share/keyrings/linuxguard-archive-keyring.gpg")),
      readFileSync(join(repository, "linuxguard-archive-keyring.gpg")),
    );
  });

  test("has a keyring package in which lintian finds no error and no warning", () => {
    const [deb = ""] = globSync(join(repository, "pool/**/linuxguard-archive-keyring_*.deb"));

    const { stdout, status } = spawnSync("lintian", ["--allow-root", deb], { encoding: "utf8" });

    assert.doesNotMatch(stdout, /^[EW]: /m);
    assert.equal(status, 0);
  });

  test("publishes no secret key", () => {
    const published = readFileSync(join(repository, "linuxguard-archive-keyring.gpg"));

    const { stdout } = spawnSync("gpg", ["--show-keys", "--with-colons"], {
      input: published,
      encoding: "utf8",
      env: { ...process.env, GNUPGHOME: join(root, "gnupg") },
    });

    assert.match(stdout, /^pub:/m);
    assert.doesNotMatch(stdout, /^(?:sec|ssb):/m);
  });
});

describe("apt refuses", () => {
  test("a list of packages that was changed", async () => {
    const apt = changed("changed-list", (dist) => {
      for (const list of globSync(join(dist, "**/binary-amd64/{Packages*,by-hash/*/*}"))) {
        appendFileSync(list, "\nPackage: more\n");
      }
    });

    const { code, said } = await apt.run("update");

    assert.notEqual(code, 0);
    assert.match(said, /unexpected size|Hash Sum mismatch/);
  });

  test("a repository whose signatures were taken away", async () => {
    const apt = changed("unsigned", (dist) => {
      for (const name of ["InRelease", "Release.gpg"]) rmSync(join(dist, name));
    });

    const { code, said } = await apt.run("update");

    assert.notEqual(code, 0);
    assert.match(said, /is not signed/);
  });

  test("a signed list of checksums that was changed", async () => {
    const apt = changed("changed-release", (dist) => {
      const file = join(dist, "InRelease");
      writeFileSync(file, readFileSync(file, "utf8").replace("Suite: stable", "Suite: other"));
      rmSync(join(dist, "Release.gpg"));
    });

    const { code, said } = await apt.run("update");

    assert.notEqual(code, 0);
    assert.match(said, /BADSIG|is not signed|NODATA|couldn't be verified/);
  });

  test("a repository that another key signed", async () => {
    const folder = join(root, "other");
    mkdirSync(folder);
    const other = makeSigningKey(folder);
    const apt = changed("foreign", (dist) => {
      using signing = SigningKey.open(other);
      signing.sign(join(dist, "Release"), "clear", join(dist, "InRelease"));
      signing.sign(join(dist, "Release"), "detached", join(dist, "Release.gpg"));
    });

    const { code, said } = await apt.run("update");

    assert.notEqual(code, 0);
    assert.match(said, /NO_PUBKEY|not signed/);
  });

  test("a package that was changed", async () => {
    const apt = changed("changed-package", (_dist, folder) => {
      for (const deb of globSync(join(folder, "pool/**/linuxguard_0.1.0_amd64.deb"))) {
        const bytes = readFileSync(deb);
        bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
        writeFileSync(deb, bytes);
      }
    });
    await apt.run("update");

    const { code, said } = await apt.run("install", "--download-only", "linuxguard");

    assert.notEqual(code, 0);
    assert.match(said, /Hash Sum mismatch/);
  });
});
