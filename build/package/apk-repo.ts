import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { type ApkKey, renderSignature, renderSignedIndex } from "./write-apk.ts";

/** What a repository of apk is made of. */
export interface ApkRepo {
  /** The files of the packages, unsigned as they are made. */
  readonly packages: readonly string[];
  readonly folder: string;
  readonly key: ApkKey;
  /** The public key as PEM, which hosts put into /etc/apk/keys. */
  readonly publicKey: string;
  /** The time that stands in signatures and in the index, in seconds of the epoch. */
  readonly time: number;
}

/** Makes a repository: a folder for each architecture with its packages, all signed, and their signed index, and the key. */
export function writeApkRepo({ packages, folder, key, publicKey, time }: ApkRepo): void {
  const read = packages.toSorted().map((file) => signPackage(readFileSync(file), key, time));
  for (const [arch = "", members] of Map.groupBy(read, ({ info }) => info.get("arch")?.[0])) {
    mkdirSync(join(folder, arch), { recursive: true });
    for (const { info, signed } of members) {
      const name = `${info.get("pkgname")?.[0]}-${info.get("pkgver")?.[0]}.apk`;
      writeFileSync(join(folder, arch, name), signed);
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
  readonly signed: Buffer;
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

function renderRecord({ info, sum, signed }: Package): string {
  const lines = Object.entries(letters).map(([letter, field]) => {
    const value = letter === "S" ? String(signed.length) : (info.get(field) ?? []).join(" ");
    return `${letter}:${value}\n`;
  });
  return `C:Q1${sum}\n${lines.join("")}\n`;
}

/** Signs a package and reads its control member, which is the first. */
function signPackage(bytes: Buffer, key: ApkKey, time: number): Package {
  const packed = bytes.subarray(0, firstMemberBytes(bytes));
  const text = gunzipSync(packed).toString();
  const info = new Map<string, readonly string[]>();
  for (const line of text.slice(512, text.indexOf("\0", 512)).trimEnd().split("\n")) {
    const [name = "", value = ""] = line.split(/ = (.*)/s);
    info.set(name, [...(info.get(name) ?? []), value]);
  }
  const sum = createHash("sha1").update(packed).digest("base64");
  return { info, sum, signed: Buffer.concat([renderSignature(packed, key, time), bytes]) };
}

/** How long the first member of a file of gzip is. Source: RFC 1952. */
function firstMemberBytes(bytes: Buffer): number {
  const headBytes = 10;
  const tailBytes = 8;
  // What is given for `info` is not in the types: the engine, with the bytes that it took.
  const { engine } = inflateRawSync(bytes.subarray(headBytes), {
    info: true,
  }) as unknown as { engine: { bytesWritten: number } };
  return headBytes + engine.bytesWritten + tailBytes;
}
