import assert from "node:assert/strict";
import { createHash, createSign, generateKeyPairSync } from "node:crypto";
import { after, test } from "node:test";
import { fileEntry } from "#build/package/entry.ts";
import { renderApk, renderSignature, renderSignedIndex } from "#build/package/write-apk.ts";
import {
  copyOf,
  digitOtherThan,
  doubled,
  ended,
  firstMembers,
  flipped,
  header,
  lastMember,
  pack,
  put,
  replaced,
  swapped,
  withOtherData,
  without,
} from "#test/support/broken-apk.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import { readApk, readApkIndex, splitMembers } from "#test/support/read-apk.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const secret = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const key = { name: "test.rsa.pub", secret };
const keys = new Map([[key.name, publicKey.export({ type: "spki", format: "pem" }).toString()]]);
const time = 1_700_000_000;
const unsigned = renderApk({
  info: [
    ["pkgname", "linuxguard"],
    ["pkgver", "1.2.3-r0"],
    ["pkgdesc", "A package"],
    ["url", "https://linuxguard.io"],
    ["arch", "x86_64"],
    ["license", "Apache-2.0"],
    ["depend", "audit"],
    ["depend", "acl"],
  ],
  scripts: new Map([["post-install", "#!/bin/sh\nexit 0\n"]]),
  entries: [
    fileEntry("/etc/init.d/one", "#!/sbin/openrc-run\n", 0o755),
    fileEntry("/usr/bin/two", "program", 0o755),
    { kind: "link", path: "/usr/bin/three", target: "two" },
  ],
  time,
});
const [ownControl = Buffer.alloc(0)] = splitMembers(unsigned).map(({ packed }) => packed);
const good = Buffer.concat([renderSignature(ownControl, key, time), unsigned]);
const [signature, control, data] = splitMembers(good).map(({ plain }) => plain);

test("renderApk() writes a package that a strict reader takes", () => {
  const { info, scripts, entries } = readApk(good, keys);

  assert.deepEqual(info.get("depend"), ["audit", "acl"]);
  assert.deepEqual([...scripts.keys()], ["post-install"]);
  assert.deepEqual(
    entries.map(({ path }) => path),
    [
      ...["etc/", "etc/init.d/", "usr/", "usr/bin/"],
      ...["etc/init.d/one", "usr/bin/two", "usr/bin/three"],
    ],
  );
});

test("renderApk() refuses a path that has no place in a header", () => {
  const entries = [fileEntry(`/usr/${"long/".repeat(60)}name`, "")];

  assert.throws(
    () => renderApk({ info: [], scripts: new Map(), entries, time }),
    /Cannot pack usr\/long/,
  );
});

test("renderSignedIndex() writes an index that a strict reader takes, and none that was altered", () => {
  const index = renderSignedIndex("P:linuxguard\n\n", key, time);
  const altered = renderSignedIndex("P:linuxguarD\n\n", key, time);
  const [own = Buffer.alloc(0)] = splitMembers(index).map(({ packed }) => packed);
  const [, other = Buffer.alloc(0)] = splitMembers(altered).map(({ packed }) => packed);

  assert.equal(readApkIndex(index, keys), "P:linuxguard\n\n");
  assert.throws(() => readApkIndex(Buffer.concat([own, other]), keys), /The signature is of/);
});

/** What is changed of a good package; all that follows from it is made right again, but what is named. */
interface Change {
  readonly signature?: (tar: Buffer) => Buffer;
  readonly control?: (tar: Buffer) => Buffer;
  readonly data?: (tar: Buffer) => Buffer;
  readonly file?: (file: Buffer) => Buffer;
  readonly signer?: string;
}

const broken: readonly (readonly [string, RegExp, Change])[] = [
  ["the signature is missing", /three members/, { file: unsignedPart }],
  ["a member is missing", /three members/, { file: (file) => firstMembers(file, 2) }],
  [
    "data is in two members",
    /three members/,
    { file: (file) => Buffer.concat([file, lastMember(file)]) },
  ],
  ["a byte of the data is another", /A member has its own checksum/, { file: flipped }],
  [
    "the end is cut off",
    /unexpected end|ends with checksum/,
    { file: (file) => file.subarray(0, -4) },
  ],
  [
    "a member says its time",
    /without a name and a time/,
    { file: (file) => put(file, 4, "\u0001") },
  ],
  [
    "the key is another",
    /key that is trusted/,
    { signature: (tar) => header(tar, 0, (block) => put(block, 13, "x")) },
  ],
  ["the signature is of other bytes", /The signature is of/, { signer: "other" }],
  ["the signature ends the archive", /blocks that end|two blocks/, { signature: ended }],
  ["the control member ends the archive", /Only the data member/, { control: ended }],
  [
    "the data member has no end",
    /ends with two blocks/,
    { data: (tar) => tar.subarray(0, -1_024) },
  ],
  ["the data member has more than its end", /Only the data member/, { data: ended }],
  [".PKGINFO is not first", /begins with .PKGINFO/, { control: swapped }],
  [
    "a version is no version",
    /pkgver of/,
    { control: (tar) => replaced(tar, "1.2.3-r0", "1.2.3-x0") },
  ],
  [
    "an architecture is unknown",
    /arch of/,
    { control: (tar) => replaced(tar, "x86_64", "i386_0") },
  ],
  [
    "a needed field is missing",
    /license of/,
    { control: (tar) => replaced(tar, "license =", "licence =") },
  ],
  [
    "a line of .PKGINFO has no value",
    /a key and a value/,
    { control: (tar) => replaced(tar, "depend = acl", "depend : acl") },
  ],
  [
    "the size is another",
    /size is what/,
    { control: (tar) => replaced(tar, "size = 26", "size = 27") },
  ],
  ["datahash is another", /datahash is/, { file: withOtherData }],
  [
    "a script has another name",
    /no files but scripts/,
    { control: (tar) => header(tar, 1_024, (block) => put(block, 0, ".pre-instalx\0")) },
  ],
  [
    "a script cannot be run",
    /can be run/,
    { control: (tar) => header(tar, 1_024, (block) => put(block, 100, "000644")) },
  ],
  [
    "a script has no interpreter",
    /interpreter/,
    { control: (tar) => replaced(tar, "#!/bin/sh", "# /bin/sh") },
  ],
  [
    "a header has no magic",
    /ustar/,
    { data: (tar) => header(tar, 0, (block) => put(block, 257, "uster")) },
  ],
  ["a header has another checksum", /own checksum/, { data: (tar) => put(tar, 0, "f") }],
  [
    "a number is not octal",
    /octal/,
    { data: (tar) => header(tar, 0, (block) => put(block, 136, "9")) },
  ],
  [
    "an owner is another by name",
    /by name/,
    { data: (tar) => header(tar, 0, (block) => put(block, 265, "roof")) },
  ],
  [
    "an owner is another by number",
    /belongs to root/,
    { data: (tar) => header(tar, 0, (block) => put(block, 108, "000001")) },
  ],
  ["what fills a block is not zeros", /fills a block/, { data: (tar) => put(tar, 4_095, "x") }],
  [
    "an archive is no whole blocks",
    /whole blocks/,
    { data: (tar) => Buffer.concat([tar, Buffer.alloc(1)]) },
  ],
  [
    "a file has no checksum",
    /checksum of what it holds/,
    { data: (tar) => without(tar, 2_048, 1_024) },
  ],
  [
    "a checksum is another",
    /checksum of what it holds/,
    { data: (tar) => put(tar, 2_588, digitOtherThan(tar, 2_588)) },
  ],
  [
    "an extended header has another record",
    /nothing else/,
    { data: (tar) => put(tar, 2_560 + 3, "B") },
  ],
  [
    "an extended header stands alone",
    /One extended header/,
    { data: (tar) => doubled(tar, 2_048, 1_024) },
  ],
  ["a directory is missing", /directory of a file/, { data: (tar) => without(tar, 0, 512) }],
  [
    "a directory may be written by all",
    /root's to write/,
    { data: (tar) => header(tar, 0, (block) => put(block, 100, "000777")) },
  ],
  [
    "a file is setuid",
    /root's to write/,
    { data: (tar) => header(tar, 3_072, (block) => put(block, 100, "004755")) },
  ],
  ["a path stands twice", /stands once/, { data: (tar) => doubled(tar, 0, 512) }],
  [
    "a path begins with a slash",
    /stays in the root/,
    { data: (tar) => header(tar, 0, (block) => put(block, 0, "/tc/")) },
  ],
  [
    "a path leads out",
    /stays in the root/,
    { data: (tar) => header(tar, 0, (block) => put(block, 0, "../\0")) },
  ],
  [
    "a path is not the shortest",
    /no \. and no/,
    { data: (tar) => header(tar, 0, (block) => put(block, 0, "./a/")) },
  ],
  [
    "a path is hidden",
    /unhidden/,
    { data: (tar) => header(tar, 0, (block) => put(block, 0, ".tc/")) },
  ],
  [
    "a device is packed",
    /files, links, directories/,
    { data: (tar) => header(tar, 0, (block) => put(block, 156, "3")) },
  ],
];

const refused: string[] = [];
after(() => keepEvidence("apk negative tests", refused.join("")));

for (const [what, message, change] of broken) {
  test(`readApk() refuses a package of which ${what}`, () => {
    assert.throws(
      () => readApk(rebuild(change), keys),
      ({ message: said }: Error) => {
        refused.push(`${what}: ${said.split("\n")[0]}\n`);
        return message.test(said);
      },
    );
  });
}

test("readApk() takes the package that is put together again without a change", () => {
  assert.deepEqual(rebuild({}), good);
});

function unsignedPart(file: Buffer): Buffer {
  return file.subarray(firstMembers(file, 1).length);
}

/** Puts the package together again: datahash and signature follow what was changed. */
function rebuild(change: Change): Buffer {
  const newData = pack(change.data?.(copyOf(data)) ?? copyOf(data));
  const hash = createHash("sha256").update(newData).digest("hex");
  const hashed = copyOf(control);
  const at = hashed.indexOf("datahash = ");
  put(hashed, at + 11, hash);
  const newControl = pack(change.control?.(hashed) ?? hashed);
  const signed = createSign("RSA-SHA256")
    .update(change.signer ?? newControl)
    .sign(secret);
  const plain = put(copyOf(signature), 512, signed.toString("latin1"));
  const newSignature = pack(change.signature?.(plain) ?? plain);
  const file = Buffer.concat([newSignature, newControl, newData]);
  return change.file?.(file) ?? file;
}
