import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { baseOf } from "#build/binary/base.ts";
import { writeApk } from "#build/package/apk.ts";
import { makeDeb } from "#build/package/deb.ts";
import { makeRpm } from "#build/package/rpm.ts";

/** An agent of a few lines, for what is tried with the package and not with the program. */
const stub = `#!/bin/sh
# Stands for the agent: takes settings as it does, and runs until it is told to end.
case "$1" in
  run) exec sleep infinity ;;
  configure)
    cd /etc/linuxguard || exit
    sed -n 's/^console.url=/[console]\\nurl = /p' >new && mv -f new linuxguard.conf
    ;;
  *) echo "linuxguard-agent 0.0.0" ;;
esac
`;

/** What differs from one package of a stub to another. */
interface StubOrder {
  readonly version?: string;
  readonly arch?: string;
}

/** Makes a package whose program is a stub, and returns its file. */
export async function makeStubDeb(
  folder: string,
  { version, arch }: StubOrder = {},
): Promise<string> {
  const agentFile = writeStub(folder);
  return await makeDeb({ base: baseOf(arch), agentFile, version, compression: "xz-0", folder });
}

/** Makes a package for rpm whose program is a stub, and returns its file. */
export async function makeStubRpm(
  folder: string,
  { version, arch }: StubOrder = {},
): Promise<string> {
  return await makeRpm({ base: baseOf(arch), agentFile: writeStub(folder), version, folder });
}

/** Makes a package for apk whose program is a stub, without the loader's libraries, and returns its file. */
export function makeStubApk(folder: string): string {
  const parts = { agent: Buffer.from(stub), copyright: "Apache-2.0\n", loader: [] };
  return writeApk({ base: baseOf(), ...parts, folder });
}

function writeStub(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "stub-agent");
  writeFileSync(file, stub);
  chmodSync(file, 0o755);
  return file;
}

/** Makes a key that signs, in a GnuPG folder of its own, and returns its file. */
export function makeSigningKey(folder: string, algorithm = "rsa2048"): string {
  const home = join(folder, "gnupg");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const gpg = (...args: readonly string[]) =>
    execFileSync("gpg", ["--homedir", home, "--batch", "--quiet", ...args], { stdio: "pipe" });
  try {
    const name = "Packages under test <packages@example.org>";
    gpg("--passphrase", "", "--quick-gen-key", name, algorithm, "sign", "1d");
    const file = join(folder, "key.asc");
    writeFileSync(file, gpg("--armor", "--export-secret-keys"), { mode: 0o600 });
    return file;
  } finally {
    execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
  }
}
