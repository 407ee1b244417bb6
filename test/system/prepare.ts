import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { baseOf, binaryFolderOf } from "#build/binary/base.ts";
import { makeDeb } from "#build/package/deb.ts";
import { makeRepository } from "#build/package/repo.ts";
import { version } from "#product/version.ts";
import { suites } from "#test/support/debian-root.ts";
import { makeSigningKey } from "#test/support/stub-package.ts";
import { debianImage } from "#test/support/vm/image.ts";
import { earlierVersion, repository, repositoryUrl } from "./repository.ts";

/** Makes what the tests of whole systems need: the systems, and a signed repository of the real package. */
async function main(): Promise<void> {
  const images = suites.map(async (suite) => await debianImage(suite));
  const work = join(repository, "..");
  rmSync(work, { recursive: true, force: true });
  const packages = join(work, "packages");
  mkdirSync(packages, { recursive: true });
  execFileSync(process.execPath, ["build/binary.ts"], { stdio: ["ignore", "ignore", "inherit"] });
  const base = baseOf();
  const agentFile = join(binaryFolderOf(base), "linuxguard-agent");
  for (const each of [earlierVersion, version]) {
    await makeDeb({ base, agentFile, version: each, compression: "none", folder: packages });
  }
  makeRepository({ key: makeSigningKey(work), url: repositoryUrl, packages, folder: repository });
  await Promise.all(images);
}

void main();
