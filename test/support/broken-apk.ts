import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { splitMembers } from "./read-apk.ts";

const endOfArchive = Buffer.alloc(1_024);

/** Compresses an archive as the packages of the product are. */
export function pack(tar: Buffer): Buffer {
  return gzipSync(tar, { level: 9 });
}

/** A copy that may be changed. */
export function copyOf(bytes: Buffer | undefined): Buffer {
  return Buffer.from(bytes ?? []);
}

/** Writes text over bytes, in place. */
export function put(bytes: Buffer, at: number, text: string): Buffer {
  bytes.write(text, at, "latin1");
  return bytes;
}

/** Changes a header and gives it its checksum again. */
export function header(tar: Buffer, at: number, edit: (block: Buffer) => void): Buffer {
  const block = tar.subarray(at, at + 512);
  edit(block);
  const sum = put(block, 148, "        ").reduce((total, byte) => total + byte, 0);
  put(block, 148, `${sum.toString(8).padStart(6, "0")} \0`);
  return tar;
}

/** Puts text of the same length in place of the first that is found. */
export function replaced(tar: Buffer, from: string, to: string): Buffer {
  const at = tar.indexOf(from);
  assert.ok(at > 0 && from.length === to.length, `${from} is there to be replaced`);
  return put(tar, at, to);
}

/** An archive with one more end. */
export function ended(tar: Buffer): Buffer {
  return Buffer.concat([tar, endOfArchive]);
}

/** The two files of the control member, the other way round. */
export function swapped(tar: Buffer): Buffer {
  return Buffer.concat([tar.subarray(1_024), tar.subarray(0, 1_024)]);
}

/** Bytes without a part of them. */
export function without(tar: Buffer, at: number, length: number): Buffer {
  return Buffer.concat([tar.subarray(0, at), tar.subarray(at + length)]);
}

/** Bytes with a part of them twice. */
export function doubled(tar: Buffer, at: number, length: number): Buffer {
  return Buffer.concat([tar.subarray(0, at + length), tar.subarray(at)]);
}

/** A digit that does not stand there. */
export function digitOtherThan(tar: Buffer, at: number): string {
  return tar.toString("latin1", at, at + 1) === "0" ? "1" : "0";
}

/** The first members of a file, packed. */
export function firstMembers(file: Buffer, count: number): Buffer {
  const members = splitMembers(file).slice(0, count);
  return Buffer.concat(members.map(({ packed }) => packed));
}

/** The last member of a file, packed. */
export function lastMember(file: Buffer): Buffer {
  return splitMembers(file).at(-1)?.packed ?? Buffer.alloc(0);
}

/** A package with data that its control member does not know. */
export function withOtherData(file: Buffer): Buffer {
  const [plain = Buffer.alloc(0)] = [splitMembers(file).at(-1)?.plain];
  const other = pack(put(copyOf(plain), 136, "00000000001"));
  return Buffer.concat([firstMembers(file, 2), other]);
}

/** A package of which one byte of the checksum of the last member is another. */
export function flipped(file: Buffer): Buffer {
  const at = file.length - 8;
  file[at] = (file[at] ?? 0) ^ 0xff;
  return file;
}
