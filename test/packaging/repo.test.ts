import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeRepository } from "#build/package/repo.ts";
import { SigningKey } from "#build/package/signing-key.ts";
import { FolderServer, PrivateApt } from "#test/support/private-apt.ts";
import { makeSigningKey, makeStubDeb } from "#test/support/stub-package.ts";

const root = mkdtempSync(join(tmpdir(), "linuxguard-repo-"));
const packages = join(root, "packages");
const repository = join(root, "all/apt");
const url = `file:${root}/all/`;
let key = "";

before(async () => {
  await makeStubDeb(packages, { version: "0.0.9", arch: "amd64" });
  await makeStubDeb(packages, { version: "0.1.0", arch: "amd64" });
  await makeStubDeb(packages, { version: "0.1.0", arch: "arm64" });
  key = makeSigningKey(root);
  makeRepository({ key, url, packages, folder: join(root, "all") });
});
after(() => {
  rmSync(root, { recursive: true });
});

/** A copy of the repository, changed, and an apt that knows it. */
function changed(name: string, change: (dist: string, folder: string) => void): PrivateApt {
  const folder = join(root, name);
  cpSync(repository, folder, { recursive: true });
  const sources = join(folder, "linuxguard.sources");
  writeFileSync(sources, readFileSync(sources, "utf8").replace(`${url}apt/`, `file:${folder}/`));
  change(join(folder, "dists/stable"), folder);
  return new PrivateApt(join(root, `${name}-apt`), folder);
}

describe("The repository", () => {
  test("lets apt install the newest package, over HTTP and by checksum", async () => {
    await using server = new FolderServer(join(root, "served"));
    const address = await server.listen();
    makeRepository({ key, url: address, packages, folder: server.folder });
    const apt = new PrivateApt(join(root, "apt"), join(server.folder, "apt"));

    const update = await apt.run("update");
    const install = await apt.run("install", "--download-only", "linuxguard");

    assert.equal(update.code, 0, update.said);
    assert.equal(install.code, 0, install.said);
    assert.ok(readdirSync(apt.downloads).includes("linuxguard_0.1.0_amd64.deb"), install.said);
    const lists = server.asked.filter((path) => path.includes("binary-amd64"));
    assert.ok(lists.length > 0 && lists.every((path) => path.includes("/by-hash/SHA")), `${lists}`);
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

  test("has a page that tells how to add it, and its key's fingerprint, and loads nothing", () => {
    const page = readFileSync(join(root, "all/index.html"), "utf8");
    using opened = SigningKey.open(key);

    assert.match(page, /<pre>sudo curl -fsSo \S+\.gpg file:\S+\/all\/apt\/linuxguard-archive/);
    assert.match(page, /\nsudo apt install linuxguard-archive-keyring linuxguard</);
    assert.ok(page.replaceAll(" ", "").includes(opened.fingerprint));
    assert.doesNotMatch(page, /<script|<img|<link|\bsrc=|href="(?:\w+:|\/)/);
    const links = [...page.matchAll(/href="(?<path>[^"]+)"/g)].map(([, path = ""]) => path);
    assert.ok(links.length > 4);
    for (const path of links) assert.ok(existsSync(join(root, "all", path)), path);
  });

  test("has checksums of every file, which its key has signed", () => {
    const folder = join(root, "all");
    const keyring = join(repository, "linuxguard-archive-keyring.gpg");

    execFileSync("gpgv", ["--quiet", "--keyring", keyring, "SHA256SUMS.asc", "SHA256SUMS"], {
      cwd: folder,
      stdio: "pipe",
    });
    execFileSync("sha256sum", ["--quiet", "--strict", "--check", "SHA256SUMS"], { cwd: folder });
    const listed = readFileSync(join(folder, "SHA256SUMS"), "utf8").trimEnd().split("\n");
    assert.deepEqual(
      listed.map((line) => line.slice(66)),
      globSync("**", { cwd: folder, withFileTypes: true })
        .filter((each) => each.isFile() && !each.name.startsWith("SHA256SUMS"))
        .map((each) => relative(folder, join(each.parentPath, each.name)))
        .toSorted(),
    );
  });

  test("is the same bytes for the same packages, but for the signatures", () => {
    const order = ["--key", key, "--packages", packages, "--url", url];
    const again = join(root, "again");
    const line = [process.execPath, "build/package/repo.ts", ...order, "--output", again];

    execFileSync("faketime", ["+5 hours", ...line], { stdio: "pipe" });

    const ofSigned = / apt\/dists\/stable\/(?:InRelease|Release\.gpg)$/;
    const sumsOf = (folder: string) =>
      readFileSync(join(folder, "SHA256SUMS"), "utf8")
        .split("\n")
        .filter((each) => !ofSigned.test(each));
    assert.deepEqual(sumsOf(again), sumsOf(join(root, "all")));
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

describe("Making a repository", () => {
  const folder = join(root, "never");

  test("needs packages", () => {
    assert.throws(
      () => makeRepository({ key, url, packages: join(root, "none"), folder }),
      /no package is in .*none\. Run make packages/,
    );
  });

  test("needs a key that GnuPG has, and says which it looked for", () => {
    const order = { key: "0000000000000000", url, packages, folder };

    assert.throws(() => makeRepository(order), /Cannot find a secret key .*"0{16}"/);
  });

  test("needs a file with a secret key, not with a public one", () => {
    const file = join(repository, "linuxguard-archive-keyring.gpg");

    assert.throws(() => makeRepository({ key: file, url, packages, folder }), /no secret key/);
  });

  test("needs to be told a key", () => {
    const { status, stderr } = spawnSync(process.execPath, ["build/package/repo.ts", "--key", ""], {
      encoding: "utf8",
    });

    assert.equal(status, 64);
    assert.match(stderr, /^Cannot sign the repository: no key is named\. Run make repo KEY=/);
  });

  test("leaves nothing behind where it fails", () => {
    assert.deepEqual(
      readdirSync(root).filter((name) => name.startsWith("never")),
      [],
    );
  });
});
