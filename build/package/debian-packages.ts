import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Base, requireChecksum } from "#build/binary/base.ts";

/** A package of Debian, of which files go into ours. */
export interface DebianPackage {
  readonly name: string;
  /** The source package that it is built from, of the same version. */
  readonly source: string;
  readonly version: string;
  /** By architecture. */
  readonly sha256: Readonly<Record<Base["debianArch"], string>>;
}

const mirror = "http://deb.debian.org/debian/pool/main";
const glibc = { source: "glibc", version: "2.36-9+deb12u14" };
const gcc = { source: "gcc-12", version: "12.2.0-14+deb12u1" };

/**
 * By the checksums of Debian's signed index, so that the same sources give the same package. Once
 * Debian has another version, as after each security advisory on one of them, it stands here: with
 * what `apt-get download --print-uris NAME:ARCHITECTURE` says.
 */
export const debianPackages = {
  libc6: {
    ...glibc,
    name: "libc6",
    sha256: {
      amd64: "ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf",
      arm64: "01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4",
    },
  },
  libstdcxx: {
    ...gcc,
    name: "libstdc++6",
    sha256: {
      amd64: "5cd3171216d4ab0fc911cfe9c35509bf2dd8f47761c43b7f6a4296701551a24d",
      arm64: "26e138c677a985775331373828a6c286c551ff397cb735d00e2383cb273d1cb2",
    },
  },
  libgcc: {
    ...gcc,
    name: "libgcc-s1",
    sha256: {
      amd64: "3016e62cb4b7cd8038822870601f5ed131befe942774d0f745622cc77d8a88f7",
      arm64: "576926b283613db80168ddf76380a3bd877602778cf0d226caa7bfbfa71eacf3",
    },
  },
  libatomic: {
    ...gcc,
    name: "libatomic1",
    sha256: {
      amd64: "fbd4e154a6b444229ea002cc209df099209c0adc09102e5fd21239a3d2b55e2d",
      arm64: "1693aa13ce2b30d061a519fc28b77b9bab8c8e45804ced5969d99821e1bc2159",
    },
  },
  /** Has the copyright file of what is built from gcc. */
  gccBase: {
    ...gcc,
    name: "gcc-12-base",
    sha256: {
      amd64: "1896a2aacf4ad681ff5eacc24a5b0ca4d5d9c9b9c9e4b6de5197bc1e116ea619",
      arm64: "674cf6cba6d432bd200c45fe866c1652c7a53523cc2e7a613e05bc4abf7b5440",
    },
  },
  /** Has the texts of the licences. */
  baseFiles: {
    name: "base-files",
    source: "base-files",
    version: "12.4+deb12u15",
    sha256: {
      amd64: "3eb1ea6d85488f488cc2a163b98ad640ef88cee4c79287cf14e361aaf6206f47",
      arm64: "b1272fbdc197f7d5bd22c05b741a03840f8bec66ca68c8d797f567ff2c99d42d",
    },
  },
} satisfies Readonly<Record<string, DebianPackage>>;

/** Fetches a package, if it was not yet, and returns the folder with its files; nothing of it is run. */
export function fetchDebianPackage(
  { name, source, version, sha256 }: DebianPackage,
  { debianArch }: Base,
  cache = "node_modules/.cache/debian",
): string {
  const folder = join(cache, `${name}_${version}_${debianArch}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "fetch-"));
  try {
    const deb = join(work, "deb");
    const file = encodeURIComponent(`${name}_${version}_${debianArch}.deb`);
    download(`${mirror}/${source.slice(0, 1)}/${source}/${file}`, deb);
    requireChecksum(deb, sha256[debianArch]);
    execFileSync("dpkg-deb", ["--extract", deb, join(work, "files")]);
    // Somebody else may have fetched it meanwhile.
    if (!existsSync(folder)) renameSync(join(work, "files"), folder);
  } finally {
    rmSync(work, { recursive: true });
  }
  return folder;
}

/** As apt itself would, with the proxy that it is told of. */
function download(uri: string, file: string): void {
  try {
    execFileSync("/usr/lib/apt/apt-helper", ["download-file", uri, file], { stdio: "pipe" });
  } catch (cause) {
    const hint = "Debian keeps only its newest versions: a newer one goes into debian-packages.ts";
    throw new Error(`Cannot fetch ${uri}. ${hint}`, { cause });
  }
}
