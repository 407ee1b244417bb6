import { createHash, createSign } from "node:crypto";
import { gzipSync } from "node:zlib";
import { Header } from "tar";
import { directoriesOf, type Entry } from "./entry.ts";

/** The RSA key that signs for apk. */
export interface ApkKey {
  /** The name of the public key's file in /etc/apk/keys. */
  readonly name: string;
  /** The secret key as PEM. */
  readonly secret: string;
}

/** What a package of apk is made of. */
export interface Apk {
  /** The fields of .PKGINFO in their order; a field with several values has a line for each. */
  readonly info: readonly (readonly [string, string])[];
  /** The scripts by name, such as `post-install`. */
  readonly scripts: ReadonlyMap<string, string>;
  readonly entries: readonly Entry[];
  /** The time of all that is in it, in seconds of the epoch. */
  readonly time: number;
}

/** One member of a tar archive. */
interface Member {
  readonly path: string;
  readonly type: "File" | "Directory" | "SymbolicLink";
  readonly mode: number;
  readonly bytes: Uint8Array;
  readonly target?: string;
}

const empty = Buffer.alloc(0);

/**
 * Renders a package of format 2 without its signature: the control member and the data member, each
 * compressed by itself. The same parts give the same bytes. Source: apk-v2(5).
 */
export function renderApk({ info, scripts, entries, time }: Apk): Buffer {
  const members = dataMembers(entries);
  const data = compress([...members.map((member) => renderSummed(member, time)), endOfArchive]);
  const size = members.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const lines = [
    ...info,
    ["size", String(size)] as const,
    ["builddate", String(time)] as const,
    ["datahash", createHash("sha256").update(data).digest("hex")] as const,
  ];
  const text = lines.map(([name, value]) => `${name} = ${value}\n`).join("");
  const control = compress([
    renderMember({ path: ".PKGINFO", type: "File", mode: 0o644, bytes: Buffer.from(text) }, time),
    ...[...scripts].map(([name, script]) =>
      renderMember(
        { path: `.${name}`, type: "File", mode: 0o755, bytes: Buffer.from(script) },
        time,
      ),
    ),
  ]);
  return Buffer.concat([control, data]);
}

/** Renders a signed list of packages, as a repository has it for each architecture. */
export function renderSignedIndex(records: string, key: ApkKey, time: number): Buffer {
  const index = compress([
    ...Object.entries({ DESCRIPTION: "LinuxGuard", APKINDEX: records }).map(([path, text]) =>
      renderMember({ path, type: "File", mode: 0o644, bytes: Buffer.from(text) }, time),
    ),
    endOfArchive,
  ]);
  return Buffer.concat([renderSignature(index, key, time), index]);
}

/** Only the last member of a file ends the archive: to apk all of them are one. */
const endOfArchive = Buffer.alloc(1_024);

/** Renders the member that stands before what it signs: a control member or an index. */
export function renderSignature(
  signed: Uint8Array,
  { name, secret }: ApkKey,
  time: number,
): Buffer {
  const bytes = createSign("RSA-SHA256").update(signed).sign(secret);
  const path = `.SIGN.RSA256.${name}`;
  return compress([renderMember({ path, type: "File", mode: 0o644, bytes }, time)]);
}

/** The directories first, as apk wants the one of each file to be there before it. */
function dataMembers(entries: readonly Entry[]): readonly Member[] {
  return [
    ...directoriesOf(entries).map(
      (path): Member => ({
        path: `${path.slice(1)}/`,
        type: "Directory",
        mode: 0o755,
        bytes: empty,
      }),
    ),
    ...entries.map((entry): Member => {
      const path = entry.path.slice(1);
      return entry.kind === "link"
        ? { path, type: "SymbolicLink", mode: 0o777, bytes: empty, target: entry.target }
        : { path, type: "File", mode: entry.mode, bytes: entry.bytes };
    }),
  ];
}

/** Before a file or a link stands the checksum by which apk later finds what was changed. */
function renderSummed(member: Member, time: number): Buffer {
  if (member.type === "Directory") return renderMember(member, time);
  const sum = createHash("sha1")
    .update(member.target ?? member.bytes)
    .digest("hex");
  const record = renderRecord("APK-TOOLS.checksum.SHA1", sum);
  return Buffer.concat([
    renderHeader("PaxHeader", "ExtendedHeader", record.length, time),
    padded(record),
    renderMember(member, time),
  ]);
}

/** A record of an extended header begins with its own length. Source: pax(1). */
function renderRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  const guess = rest.length + String(rest.length).length;
  const length = rest.length + String(guess).length;
  return Buffer.from(`${length}${rest}`);
}

function renderMember({ path, type, mode, bytes, target }: Member, time: number): Buffer {
  return Buffer.concat([renderHeader(path, type, bytes.length, time, mode, target), padded(bytes)]);
}

function renderHeader(
  path: string,
  type: Member["type"] | "ExtendedHeader",
  size: number,
  time: number,
  mode = 0o644,
  linkpath = "",
): Buffer {
  const owner = { uid: 0, gid: 0, uname: "root", gname: "root" };
  const mtime = new Date(time * 1_000);
  const block = Buffer.alloc(512);
  const isTooLong = new Header({ path, type, size, mode, linkpath, mtime, ...owner }).encode(block);
  if (isTooLong) throw new Error(`Cannot pack ${path}: its path or size has no place in a header`);
  return block;
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function compress(parts: readonly Uint8Array[]): Buffer {
  return gzipSync(Buffer.concat(parts), { level: 9 });
}
