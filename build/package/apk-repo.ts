import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { type ApkKey, renderSignedIndex } from "./write-apk.ts";

/** What a repository of apk is made of. */
export interface ApkRepo {
  /** The files of the packages. */
  readonly packages: readonly string[];
  readonly folder: string;
  readonly key: ApkKey;
  /** The public key as PEM, which hosts put into /etc/apk/keys. */
  readonly publicKey: string;
  /** The time that stands in the index, in seconds of the epoch. */
  readonly time: number;
}

/** Makes a repository: a folder for each architecture with its packages and their signed index, and the key. */
export function writeApkRepo({ packages, folder, key, publicKey, time }: ApkRepo): void {
  const read = packages.toSorted().map((file) => ({ file, ...readPackage(readFileSync(file)) }));
  for (const [arch = "", members] of Map.groupBy(read, ({ info }) => info.get("arch")?.[0])) {
    mkdirSync(join(folder, arch), { recursive: true });
    for (const { file, info } of members) {
      copyFileSync(file, join(folder, arch, `${info.get("pkgname")}-${info.get("pkgver")}.apk`));
    }
    const records = members.map(renderRecord).join("");
    writeFileSync(join(folder, arch, "APKINDEX.tar.gz"), renderSignedIndex(records, key, time));
  }
  writeFileSync(join(folder, key.name), publicKey);
}

interface Package {
  readonly info: ReadonlyMap<string, readonly string[]>;
  /** The checksum of the control member, by which apk knows a package. */
  readonly sum: string;
  readonly sizeBytes: number;
}

/** Letters of the index by the fields of .PKGINFO, in the order that `apk index` has. Source: apk-tools, package.c. */
const letters = {
  P: "pkgname",
  V: "pkgver",
  A: "arch",
  S: "",
  I: "size",
  T: "pkgdesc",
  U: "url",
  L: "license",
  o: "origin",
  m: "maintainer",
  t: "builddate",
  D: "depend",
} as const;

function renderRecord({ info, sum, sizeBytes }: Package): string {
  const lines = Object.entries(letters).map(([letter, field]) => {
    const value = letter === "S" ? String(sizeBytes) : (info.get(field) ?? []).join(" ");
    return `${letter}:${value}\n`;
  });
  return `C:Q1${sum}\n${lines.join("")}\n`;
}

/** Reads the control member of a package, which is the second. */
function readPackage(bytes: Buffer): Package {
  const begin = memberEnd(bytes, 0);
  const packed = bytes.subarray(begin, memberEnd(bytes, begin));
  const text = gunzipSync(packed).toString();
  const info = new Map<string, readonly string[]>();
  for (const line of text.slice(512, text.indexOf("\0", 512)).trimEnd().split("\n")) {
    const [name = "", value = ""] = line.split(/ = (.*)/s);
    info.set(name, [...(info.get(name) ?? []), value]);
  }
  const sum = createHash("sha1").update(packed).digest("base64");
  return { info, sum, sizeBytes: bytes.length };
}

/** Where the member of gzip ends that begins at a place. Source: RFC 1952. */
function memberEnd(bytes: Buffer, at: number): number {
  const headBytes = 10;
  const tailBytes = 8;
  // What is given for `info` is not in the types: the engine, with the bytes that it took.
  const { engine } = inflateRawSync(bytes.subarray(at + headBytes), {
    info: true,
  }) as unknown as { engine: { bytesWritten: number } };
  return at + headBytes + engine.bytesWritten + tailBytes;
}
