import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { baseOf, binaryFolderOf } from "#build/binary/base.ts";
import { writeAptRepo } from "#build/package/apt-repo.ts";
import { parseChangelog } from "#build/package/changelog.ts";
import { makeDeb } from "#build/package/deb.ts";
import { makeJitlessDeb } from "#build/package/jitless-deb.ts";
import { SigningKey } from "#build/package/signing-key.ts";
import { identity } from "#product/identity.ts";
import { version } from "#product/version.ts";
import { suites } from "#test/support/debian-root.ts";
import { makeSigningKey } from "#test/support/stub-package.ts";
import { debianImage } from "#test/support/vm/image.ts";
import { makeConsoleFolder } from "./guest-console.ts";
import { makeMachines } from "./machines.ts";
import { earlierVersion, repository, repositoryUrl } from "./repository.ts";

/** Makes what the tests of whole systems need: a signed repository of the real packages, and the systems. */
async function main(): Promise<void> {
  const images = suites.map(async (suite) => await debianImage(suite));
  const work = join(repository, "..");
  rmSync(work, { recursive: true, force: true });
  const packages = join(work, "packages");
  mkdirSync(packages, { recursive: true });
  const build = (...words: readonly string[]) =>
    execFileSync(process.execPath, ["build/binary.ts", ...words], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  build();
  build("--jitless");
  const base = baseOf();
  const order = { base, compression: "none", folder: packages } as const;
  const agentFile = join(binaryFolderOf(base), identity.agent);
  for (const each of [earlierVersion, version]) {
    await makeDeb({ ...order, agentFile, version: each });
  }
  await makeJitlessDeb({ ...order, agentFile: join(binaryFolderOf(base), identity.jitlessAgent) });
  using key = SigningKey.open(makeSigningKey(work));
  const files = globSync(join(packages, "*.deb"));
  const { time } = parseChangelog(readFileSync("debian/changelog", "utf8"));
  const [folder, url] = [join(repository, "apt"), `${repositoryUrl}apt/`];
  writeAptRepo({ packages: files, folder, url, key, time });
  await Promise.all(images);
  const consoleFolder = await makeConsoleFolder();
  await Promise.all(suites.map(async (suite) => await makeMachines(suite, consoleFolder)));
  rmSync(consoleFolder, { recursive: true });
}

void main();
