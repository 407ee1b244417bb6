import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import {
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
import { bases } from "#build/binary/base.ts";
import { makeApk } from "#build/package/apk.ts";
import { makeRepository } from "#build/package/repo.ts";
import { aptCommands } from "#build/package/repo-page.ts";
import { makeRpm } from "#build/package/rpm.ts";
import { makeSbom } from "#build/package/sbom.ts";
import { SigningKey } from "#build/package/signing-key.ts";
import { makeSigningKey, makeStubDeb } from "#test/support/stub-package.ts";

const root = mkdtempSync(join(tmpdir(), "linuxguard-repo-"));
const packages = join(root, "packages");
const all = join(root, "all");
const url = `file:${all}/`;
const apkKey = join(root, "apk.pem");
let key = "";

before(async () => {
  for (const base of bases) {
    await makeStubDeb(packages, { arch: base.arch });
    await makeRpm({ base, agentFile: "/bin/true", folder: packages });
    await makeApk({ base, agentFile: "/bin/true", folder: packages });
    await makeSbom({
      base,
      agentFile: "/bin/true",
      jitlessFile: "/bin/true",
      folder: packages,
    });
  }
  key = makeSigningKey(root);
  writeFileSync(apkKey, pemOf(generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey));
  makeRepository({ key, apkKey, url, packages, folder: all });
});
after(() => {
  rmSync(root, { recursive: true });
});

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

describe("The repository of all formats", () => {
  test("has a page that tells how to add it, and its key's fingerprint, and loads nothing", () => {
    const page = readFileSync(join(all, "index.html"), "utf8");
    using opened = SigningKey.open(key);

    assert.ok(page.replaceAll(" ", "").includes(`<pre>${opened.fingerprint}</pre>`));
    assert.match(page, /\nsudo dnf install linuxguard-release linuxguard</);
    assert.match(page, /\napk add linuxguard</);
    assert.ok(page.includes(aptCommands(url).join("\n")));
    const fetched = [...page.matchAll(/ file:(?<path>\S+\/all\/(?:apt|rpm|apk)\/\S+)/g)];
    assert.equal(fetched.length, 5);
    for (const [, path = ""] of fetched) assert.ok(existsSync(path), path);
    const [name = ""] = globSync("*.rsa.pub", { cwd: join(all, "apk") });
    const sum = createHash("sha256")
      .update(readFileSync(join(all, "apk", name)))
      .digest("hex");
    assert.ok(page.includes(`<pre>${sum}</pre>`));
    assert.ok(page.includes(`sha256sum /etc/apk/keys/${name}<`));
    const links = [...page.matchAll(/href="(?<path>[^"]+)"/g)].map(([, path = ""]) => path);
    for (const ending of [".deb", ".rpm", ".apk", "_arm64.cdx.json"]) {
      assert.ok(
        links.some((path) => path.endsWith(ending)),
        ending,
      );
    }
    for (const path of links) assert.ok(existsSync(join(all, path)), path);
  });

  test("tells hosts where its parts are", () => {
    const read = (path: string) => readFileSync(join(all, path), "utf8");

    assert.match(read("apt/linuxguard.sources"), new RegExp(`^URIs: ${url}apt/$`, "m"));
    assert.match(read("rpm/linuxguard.repo"), new RegExp(`^baseurl=${url}rpm/\\$basearch/$`, "m"));
  });

  test("has checksums of every file, which its key has signed", () => {
    const keyring = join(all, "apt/linuxguard-archive-keyring.gpg");

    execFileSync("gpgv", ["--quiet", "--keyring", keyring, "SHA256SUMS.asc", "SHA256SUMS"], {
      cwd: all,
      stdio: "pipe",
    });
    execFileSync("sha256sum", ["--quiet", "--strict", "--check", "SHA256SUMS"], { cwd: all });
    const listed = readFileSync(join(all, "SHA256SUMS"), "utf8").trimEnd().split("\n");
    assert.deepEqual(
      listed.map((line) => line.slice(66)),
      globSync("**", { cwd: all, withFileTypes: true })
        .filter((each) => each.isFile() && !each.name.startsWith("SHA256SUMS"))
        .map((each) => relative(all, join(each.parentPath, each.name)))
        .toSorted(),
    );
  });

  test("is the same bytes for the same packages, but for the signatures, in place of what was there", () => {
    const order = ["--key", key, "--apk-key", apkKey, "--packages", packages, "--url", url];
    const again = join(root, "again");
    mkdirSync(again);
    writeFileSync(join(again, "stale"), "");
    const line = [process.execPath, "build/package/repo.ts", ...order, "--output", again];

    // The times of files are what they are.
    const env = { ...process.env, NO_FAKE_STAT: "1" };
    execFileSync("faketime", ["+5 hours", ...line], { stdio: "pipe", env });

    const ofSigned = /\/(?:InRelease|Release\.gpg|repomd\.xml\.asc)$/;
    const sumsOf = (folder: string) =>
      readFileSync(join(folder, "SHA256SUMS"), "utf8")
        .split("\n")
        .filter((each) => !ofSigned.test(each));
    assert.deepEqual(sumsOf(again), sumsOf(all));
    assert.equal(existsSync(join(again, "stale")), false);
    assert.deepEqual(
      readdirSync(root).filter((name) => /\.(?:new|old)$/.test(name)),
      [],
    );
  });
});

describe("Making a repository", () => {
  const folder = join(root, "never");

  const order = () => ({ key, apkKey, url, packages, folder });

  test("needs packages of every format and architecture, and says which is not there", () => {
    const few = join(root, "few");
    cpSync(packages, few, { recursive: true });
    for (const file of globSync(join(few, "*.aarch64.rpm"))) rmSync(file);

    assert.throws(() => makeRepository({ ...order(), packages: few }), {
      message: `Cannot make a repository: ${few} has no file *.aarch64.rpm. Run make packages.`,
    });
  });

  test("needs a key that GnuPG has, and says which it looked for", () => {
    assert.throws(
      () => makeRepository({ ...order(), key: "0000000000000000" }),
      /Cannot find a secret key .*"0{16}"/,
    );
  });

  test("needs a file with a secret key, not with a public one", () => {
    const file = join(all, "apt/linuxguard-archive-keyring.gpg");

    assert.throws(() => makeRepository({ ...order(), key: file }), /no secret key/);
  });

  test("needs a key that old hosts know, too", () => {
    const home = join(root, "elliptic");
    const file = makeSigningKey(home, "ed25519");

    assert.throws(() => makeRepository({ ...order(), key: file }), /RHEL 8 reads no signature/);
  });

  test("needs a secret key of RSA for apk", () => {
    const file = join(root, "other.pem");
    writeFileSync(file, pemOf(generateKeyPairSync("ed25519").privateKey));

    assert.throws(() => makeRepository({ ...order(), apkKey: file }), /of type ed25519, not rsa/);
    assert.throws(() => makeRepository({ ...order(), apkKey: key }), /Cannot read a secret key of/);
  });

  for (const named of [[], ["--key", "KEY"], ["--apk-key", "FILE"]]) {
    test(`needs to be told both keys: ${named[0] ?? "none"} is not enough`, () => {
      const { status, stderr } = spawnSync(
        process.execPath,
        ["build/package/repo.ts", "--packages", packages, "--output", folder, ...named],
        { encoding: "utf8" },
      );

      assert.equal(status, 64);
      assert.match(stderr, /^Cannot sign the repository: a key is not named\. Run make repo KEY=/);
    });
  }

  test("ends with one line that says what is wrong", () => {
    const keys = ["--key", join(root, "none"), "--apk-key", apkKey];
    const { status, stderr } = spawnSync(
      process.execPath,
      ["build/package/repo.ts", "--packages", packages, "--output", folder, ...keys],
      { encoding: "utf8" },
    );

    assert.equal(status, 1);
    assert.match(stderr, /^Cannot find a secret key .*\n$/);
  });

  test("leaves nothing behind where it fails", () => {
    assert.deepEqual(
      readdirSync(root).filter((name) => name.startsWith("never")),
      [],
    );
  });
});
