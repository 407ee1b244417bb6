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

/** Where packages come from and are kept. */
const places = {
  cache: "node_modules/.cache/debian",
  /** The first has the newest versions only; the other has all, such as those of this day. */
  mirrors: [
    "http://deb.debian.org/debian",
    "https://snapshot.debian.org/archive/debian/20261123T000000Z",
  ],
};
const glibc = { source: "glibc", version: "2.36-9+deb12u14" };
const gcc = { source: "gcc-12", version: "12.2.0-14+deb12u1" };

/**
 * By the checksums of Debian's signed index, so that the same sources give the same package. After a
 * security advisory on one of them, its new version is put here by hand, with what
 * `apt-get download --print-uris NAME:ARCHITECTURE` says, and its day into {@link places}.
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
  { cache, mirrors } = places,
): string {
  const folder = join(cache, `${name}_${version}_${debianArch}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "fetch-"));
  try {
    const deb = join(work, "deb");
    const file = encodeURIComponent(`${name}_${version}_${debianArch}.deb`);
    const path = `pool/main/${source.slice(0, 1)}/${source}/${file}`;
    download(
      mirrors.map((mirror) => `${mirror}/${path}`),
      deb,
    );
    requireChecksum(deb, sha256[debianArch]);
    execFileSync("dpkg-deb", ["--extract", deb, join(work, "files")]);
    // Somebody else may have fetched it meanwhile.
    if (!existsSync(folder)) renameSync(join(work, "files"), folder);
  } finally {
    rmSync(work, { recursive: true });
  }
  return folder;
}

/** Takes the file from the first that gives it, as apt would, with the proxy that apt is told of. */
function download([uri = "", ...others]: readonly string[], file: string): void {
  try {
    execFileSync("/usr/lib/apt/apt-helper", ["download-file", uri, file], { stdio: "pipe" });
  } catch (cause) {
    if (others.length === 0) throw new Error(`Cannot fetch ${uri}`, { cause });
    download(others, file);
  }
}
