import assert from "node:assert/strict";
import { createHash, createVerify } from "node:crypto";
import { posix } from "node:path";
import { crc32, inflateRawSync } from "node:zlib";

/** What stands in one header of an archive, with what follows it. */
export interface ApkEntry {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly target: string;
  readonly bytes: Buffer;
  readonly sum: string | undefined;
}

/** A package that keeps all rules of format 2. */
export interface ReadApk {
  readonly info: ReadonlyMap<string, readonly string[]>;
  readonly scripts: ReadonlyMap<string, string>;
  readonly entries: readonly ApkEntry[];
  /** What an index names the package by. */
  readonly identity: string;
}

const scriptNames = /^\.(?:(?:pre|post)-(?:install|upgrade|deinstall)|trigger)$/;

/**
 * Reads a package of apk, signed by one of the keys or `unsigned`, and throws an AssertionError that
 * says which rule of the format is broken.
 */
export function readApk(file: Buffer, keys: ReadonlyMap<string, string> | "unsigned"): ReadApk {
  const members = [...splitMembers(file)];
  const signature = keys === "unsigned" ? undefined : members.shift();
  assert.equal(members.length, 2, "A package has three members: signature, control, data");
  const [control, data] = members as [GzipMember, GzipMember];
  if (keys !== "unsigned" && signature) checkSignature(signature, control.packed, keys);
  const [head, ...scripts] = readTar(control.plain, "no end");
  assert.equal(head?.path, ".PKGINFO", "The control member begins with .PKGINFO");
  const info = parseInfo((head?.bytes ?? Buffer.alloc(0)).toString());
  const hash = createHash("sha256").update(data.packed).digest("hex");
  assert.deepEqual(info.get("datahash"), [hash], "datahash is that of the data member");
  for (const script of scripts) checkScript(script);
  const entries = readTar(data.plain, "end");
  checkEntries(entries);
  const size = entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
  assert.deepEqual(info.get("size"), [String(size)], "size is what the files take");
  const sum = createHash("sha1").update(control.packed).digest("base64");
  return {
    info,
    scripts: new Map(scripts.map(({ path, bytes }) => [path.slice(1), bytes.toString()])),
    entries,
    identity: `Q1${sum}`,
  };
}

/** Reads a signed index and gives its records. */
export function readApkIndex(file: Buffer, keys: ReadonlyMap<string, string>): string {
  const members = splitMembers(file);
  assert.equal(members.length, 2, "An index has two members: signature, lists");
  const [signature, lists] = members as [GzipMember, GzipMember];
  checkSignature(signature, lists.packed, keys);
  const entries = readTar(lists.plain, "end");
  assert.deepEqual(
    entries.map(({ path }) => path),
    ["DESCRIPTION", "APKINDEX"],
    "An index has a description and records",
  );
  return String(entries[1]?.bytes);
}

/** One member of a file of gzip. */
export interface GzipMember {
  readonly packed: Buffer;
  readonly plain: Buffer;
}

/** Splits a file into its members, each proved by its checksum. Source: RFC 1952. */
export function splitMembers(file: Buffer): readonly GzipMember[] {
  const members: GzipMember[] = [];
  for (let at = 0; at < file.length; ) {
    const head = file.subarray(at, at + 10).toString("hex");
    assert.match(head, /^1f8b0800000000/, "A member is gzip without a name and a time");
    // What is given for `info` is not in the types: the output, and the engine with the bytes it took.
    const { buffer, engine } = inflateRawSync(file.subarray(at + 10), {
      info: true,
    }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    const end = at + 10 + engine.bytesWritten;
    assert.ok(file.length >= end + 8, "A member ends with checksum and length");
    assert.equal(file.readUInt32LE(end), crc32(buffer), "A member has its own checksum");
    assert.equal(file.readUInt32LE(end + 4), buffer.length, "A member has its own length");
    members.push({ packed: file.subarray(at, end + 8), plain: buffer });
    at = end + 8;
  }
  return members;
}

function checkSignature(
  { plain }: GzipMember,
  signed: Buffer,
  keys: ReadonlyMap<string, string>,
): void {
  const [entry, ...others] = readTar(plain, "no end");
  assert.equal(others.length, 0, "A signature stands alone");
  const name = /^\.SIGN\.RSA256\.(?<name>[^/]+)$/.exec(entry?.path ?? "")?.groups?.name ?? "";
  const key = keys.get(name);
  assert.ok(entry !== undefined && key !== undefined, "The signature is by a key that is trusted");
  assert.ok(entry.bytes.length <= 65_536, "A signature is no longer than 64 KiB");
  const isTrue = createVerify("RSA-SHA256").update(signed).verify(key, entry.bytes);
  assert.ok(isTrue, "The signature is of the bytes of the member after it");
}

function parseInfo(text: string): ReadonlyMap<string, readonly string[]> {
  const info = new Map<string, string[]>();
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const { key, value } = /^(?<key>[a-z_]+) = (?<value>.+)$/.exec(line)?.groups ?? {};
    assert.ok(key !== undefined && value !== undefined, "A line of .PKGINFO is a key and a value");
    info.set(key, [...(info.get(key) ?? []), value]);
  }
  const patterns = {
    pkgname: /^[a-z0-9][a-z0-9+._-]*$/,
    pkgver: /^\d+(?:\.\d+)*(?:_(?:alpha|beta|pre|rc|p)\d*)*-r\d+$/,
    pkgdesc: /./,
    url: /^https:/,
    arch: /^(?:x86_64|aarch64|noarch)$/,
    license: /./,
    size: /^[1-9]\d*$/,
    builddate: /^\d+$/,
  };
  for (const [key, pattern] of Object.entries(patterns)) {
    const [value, ...more] = info.get(key) ?? [];
    assert.ok(more.length === 0, `${key} stands once in .PKGINFO`);
    assert.match(value ?? "", pattern, `${key} of .PKGINFO has the form that apk reads`);
  }
  return info;
}

function checkScript({ path, mode, type, bytes }: ApkEntry): void {
  assert.match(path, scriptNames, "The control member has no files but scripts");
  assert.deepEqual([type, mode], ["0", 0o755], "A script is a file that can be run");
  assert.equal(bytes.toString("latin1", 0, 10), "#!/bin/sh\n", "A script says its interpreter");
}

function checkEntries(entries: readonly ApkEntry[]): void {
  const directories = new Set(["."]);
  const seen = new Set<string>();
  for (const { path, type, mode, target, bytes, sum } of entries) {
    const place = path.replace(/\/$/, "");
    assert.equal(posix.normalize(place), place, "A path has no . and no //");
    assert.doesNotMatch(place, /^[./]|(?:^|\/)\.\.(?:\/|$)/, "A path stays in the root, unhidden");
    assert.ok(!seen.has(place), "A path stands once");
    assert.ok(directories.has(posix.dirname(place)), "The directory of a file is there before it");
    seen.add(place);
    assert.ok(
      type === "0" || type === "2" || type === "5",
      "A package has files, links, directories",
    );
    if (type === "5") {
      directories.add(place);
      assert.equal(sum, undefined, "A directory has no checksum");
      assert.equal(mode, 0o755, "A directory is root's to write");
      continue;
    }
    if (type === "0") assert.ok(mode === 0o644 || mode === 0o755, "A file is root's to write");
    const expected = createHash("sha1")
      .update(type === "2" ? target : bytes)
      .digest("hex");
    assert.equal(sum, expected, "A file or link has the checksum of what it holds");
  }
}

/** Reads an archive of which each header and each filling is as apk writes it. Source: pax(1), ustar. */
function readTar(plain: Buffer, form: "end" | "no end"): readonly ApkEntry[] {
  assert.equal(plain.length % 512, 0, "An archive is whole blocks");
  const ending = form === "end" ? 1_024 : 0;
  const end = plain.length - ending;
  assert.ok(isZero(plain.subarray(end)), "The archive ends with two blocks of zeros");
  const entries: ApkEntry[] = [];
  let sum: string | undefined;
  for (let at = 0; at < end; ) {
    const { size, ...header } = readHeader(plain.subarray(at, at + 512));
    const until = at + 512 + size;
    const next = at + 512 + Math.ceil(size / 512) * 512;
    assert.ok(next <= end, "A file is all there");
    assert.ok(isZero(plain.subarray(until, next)), "What fills a block is zeros");
    const bytes = plain.subarray(at + 512, until);
    at = next;
    if (header.type === "x") {
      assert.equal(sum, undefined, "One extended header stands before a file");
      sum = /^68 APK-TOOLS\.checksum\.SHA1=(?<sum>[0-9a-f]{40})\n$/.exec(String(bytes))?.groups
        ?.sum;
      assert.ok(sum !== undefined, "An extended header has the checksum and nothing else");
      continue;
    }
    entries.push({ ...header, bytes, sum });
    sum = undefined;
  }
  assert.equal(sum, undefined, "After an extended header comes its file");
  return entries;
}

type HeaderFields = Omit<ApkEntry, "bytes" | "sum"> & { readonly size: number };

function readHeader(block: Buffer): HeaderFields {
  assert.ok(!isZero(block), "Only the data member has blocks that end the archive");
  assert.equal(block.toString("latin1", 257, 265), "ustar\u000000", "A header is of ustar");
  const own = block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  assert.equal(octal(block, 148, 8), own, "A header has its own checksum");
  const owner = [text(block, 265, 32), text(block, 297, 32)];
  assert.deepEqual(owner, ["root", "root"], "All belongs to root, by name");
  assert.deepEqual([octal(block, 108, 8), octal(block, 116, 8)], [0, 0], "All belongs to root");
  octal(block, 136, 12);
  assert.equal(text(block, 345, 155), "", "A path needs no prefix");
  return {
    path: text(block, 0, 100),
    mode: octal(block, 100, 8),
    size: octal(block, 124, 12),
    type: text(block, 156, 1),
    target: text(block, 157, 100),
  };
}

function text(block: Buffer, at: number, length: number): string {
  return block.toString("utf8", at, at + length).replace(/\0.*$/s, "");
}

function octal(block: Buffer, at: number, length: number): number {
  const digits = /^[0-7]+(?=[ \0])/.exec(block.toString("latin1", at, at + length))?.[0];
  assert.ok(digits !== undefined, "A number is octal digits with an end");
  return Number.parseInt(digits, 8);
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
