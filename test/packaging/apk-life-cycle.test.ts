import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { baseOf } from "#build/binary/base.ts";
import { writeApk } from "#build/package/apk.ts";
import { openApkKey } from "#build/package/apk-key.ts";
import { writeApkRepo } from "#build/package/apk-repo.ts";
import { loaderEntries } from "#build/package/loader.ts";
import { BusyboxRoot } from "#test/support/busybox-root.ts";
import { readApk, readApkIndex } from "#test/support/read-apk.ts";

const folder = mkdtempSync(join(tmpdir(), "linuxguard-apk-"));
after(() => rmSync(folder, { recursive: true }));

const keyFile = join(folder, "key.pem");
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
const { key, publicKey } = openApkKey(keyFile);
const keys = new Map([[key.name, publicKey]]);
const agent = Buffer.from("#!/bin/sh\nexit 0\n");

/** Makes a package with another program in the agent's place. */
function packageOf(version: string, arch = "amd64"): string {
  const base = baseOf(arch);
  const order = { base, agent, copyright: "Apache-2.0\n", loader: loaderEntries(base), version };
  return writeApk({ ...order, folder: join(folder, "packages") });
}

const first = readApk(readFileSync(packageOf("1.0.0")), "unsigned");
const second = readApk(readFileSync(packageOf("1.1.0")), "unsigned");

test("The package for apk is for each architecture, and has nothing of systemd or Debian", () => {
  for (const arch of ["amd64", "arm64"]) {
    const { info, entries } = readApk(readFileSync(packageOf("1.0.0", arch)), "unsigned");
    const paths = entries.map(({ path }) => path);

    assert.deepEqual(info.get("arch"), [baseOf(arch).machine]);
    assert.ok(paths.includes("usr/bin/linuxguard-agent") && paths.includes("usr/bin/linuxguard"));
    assert.deepEqual(
      paths.filter((path) => /systemd|sysusers|tmpfiles|lintian/.test(path)),
      [],
    );
    const own = /^(?:etc|var\/lib|var\/log|run)\/linuxguard(?:\/|$)/;
    assert.deepEqual(
      paths.filter((path) => own.test(path)),
      [],
    );
  }
});

test("A repository of apk has an index that names each package by its control member", () => {
  const repo = join(folder, "repo");
  const packages = [packageOf("1.0.0"), packageOf("1.1.0"), packageOf("1.0.0", "arm64")];

  writeApkRepo({ packages, folder: repo, key, publicKey, time: 1_700_000_000 });

  const index = readApkIndex(readFileSync(join(repo, "x86_64/APKINDEX.tar.gz")), keys);
  const sums = [...index.matchAll(/^C:(?<sum>.+)$/gm)].map(({ groups }) => groups?.sum);
  assert.deepEqual(sums, [first.identity, second.identity]);
  for (const name of ["x86_64/linuxguard-1.1.0-r0.apk", "aarch64/linuxguard-1.0.0-r0.apk"]) {
    const file = readFileSync(join(repo, name));
    const [arch = "", size] = [name.split("/")[0], file.length];
    const text = readApkIndex(readFileSync(join(repo, arch, "APKINDEX.tar.gz")), keys);
    readApk(file, keys);
    assert.match(text, new RegExp(`^S:${size}$`, "m"));
  }
  assert.equal(readFileSync(join(repo, key.name), "utf8"), publicKey);
});

test("A key for apk is one of RSA, and its file has the name of its own checksum", () => {
  const sum = createHash("sha256").update(publicKey).digest("hex");
  const { privateKey: curve } = generateKeyPairSync("ed25519");
  const other = join(folder, "other.pem");
  writeFileSync(other, curve.export({ type: "pkcs8", format: "pem" }));

  assert.equal(key.name, `packages@linuxguard.io-${sum.slice(0, 8)}.rsa.pub`);
  assert.throws(() => openApkKey(other), /its key is of type ed25519, not rsa; make one by/);
  writeFileSync(other, publicKey);
  assert.throws(() => openApkKey(other), /Cannot read a secret key of .*: make one by/);
  assert.throws(() => openApkKey(join(folder, "none.pem")), /Cannot read a secret key of/);
});

test("A host of busybox is after the removal what it was before, but for accounts and what is kept", () => {
  using root = new BusyboxRoot();
  const before = root.snapshot();

  root.install(first);
  const installed = root.snapshot();
  root.run(first, "post-install");
  assert.deepEqual(root.snapshot(), installed, "Another run changes nothing");
  assert.match(root.read("etc/passwd"), /^linuxguard:.*:\/var\/lib\/linuxguard:\/sbin\/nologin$/m);
  assert.match(root.read("etc/group"), /^linuxguard-audit:x:\d+:linuxguard$/m);
  assert.match(root.read("etc/audit/auditd.conf"), /^log_group = linuxguard-audit$/m);
  assert.match(root.read("etc/audit/rules.d/60-linuxguard.rules"), /key=lg_/);
  assert.match(String(installed.get("var/lib/linuxguard")), /^directory 750 /);

  root.upgrade(first, second);
  assert.deepEqual(root.snapshot(), installed, "Between two versions alike nothing differs");
  root.upgrade(second, first);
  assert.deepEqual(root.snapshot(), installed, "Nor on the way back");

  root.remove(first);
  const kept =
    /^(?:etc\/(?:passwd|group|shadow)|(?:etc|var\/lib|var\/log)\/linuxguard(?:-setup.*)?)$/;
  assert.deepEqual(
    [...root.snapshot()].filter(([path]) => !kept.test(path)),
    [...before].filter(([path]) => !kept.test(path)),
  );
});

test("A person's account of the agent's name is refused, and the host stays as it is", () => {
  using root = new BusyboxRoot();
  root.append("etc/passwd", "linuxguard:x:1000:1000::/home/linuxguard:/bin/sh\n");
  const before = root.snapshot();

  assert.throws(() => root.run(first, "pre-install"), /is a person's, not the system's/);
  assert.throws(() => root.run(first, "post-install"), /is a person's, not the system's/);
  assert.deepEqual(root.snapshot(), before);
});
