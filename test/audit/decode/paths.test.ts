import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fileType, parseMode, renderPermissions } from "#audit/decode/file-mode.ts";
import { tokeniseBody } from "#audit/decode/message.ts";
import {
  normalisePath,
  objectOf,
  type PathContext,
  parsePath,
  resolvePaths,
  targetOf,
} from "#audit/decode/paths.ts";
import { bytesOf, latin1 } from "#audit/decode/scan.ts";

const here = "ffffff9c";
const directory = "3";

const events: readonly {
  readonly what: string;
  readonly syscall: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly paths: readonly string[];
  readonly expected: readonly string[];
  readonly object: string;
  readonly original?: string;
}[] = [
  {
    what: "an absolute name",
    syscall: "openat",
    args: [directory],
    cwd: "/w",
    paths: ['item=0 name="/etc//x/./../passwd" nametype=NORMAL'],
    expected: ["/etc/passwd absolute"],
    object: "/etc/passwd",
  },
  {
    what: "a name relative to the working directory",
    syscall: "openat",
    args: ["ffffffffffffff9c"],
    cwd: "/home/ann",
    paths: ['item=1 name="../x" nametype=CREATE', 'item=0 name="../" nametype=PARENT'],
    expected: ["/home cwd", "/home/x cwd"],
    object: "/home/x",
  },
  {
    what: "a name relative to a directory that the log does not name",
    syscall: "openat",
    args: [directory],
    cwd: "/w",
    paths: ['item=0 name="x" nametype=NORMAL'],
    expected: ["x no"],
    object: "x",
  },
  {
    what: "a created name whose PARENT is not the working directory",
    syscall: "openat",
    args: [directory],
    cwd: "/w",
    paths: ['item=0 name="/srv/" nametype=PARENT', 'item=1 name="x" nametype=CREATE'],
    expected: ["/srv absolute", "/srv/x parent"],
    object: "/srv/x",
  },
  {
    what: "a created name whose PARENT is only the working directory",
    syscall: "openat",
    args: [directory],
    cwd: "/w",
    paths: ['item=0 name="/w" nametype=PARENT', 'item=1 name="x" nametype=CREATE'],
    expected: ["/w no", "x no"],
    object: "x",
  },
  {
    what: "a deleted name without CWD",
    syscall: "unlink",
    paths: ['item=0 name="/srv/a" nametype=PARENT', 'item=1 name="x" nametype=DELETE'],
    expected: ["/srv/a absolute", "/srv/a/x parent"],
    object: "/srv/a/x",
  },
  {
    what: "a rename that overwrites",
    syscall: "rename",
    cwd: "/w",
    paths: [
      'item=0 name="/w" nametype=PARENT',
      'item=1 name="/w" nametype=PARENT',
      'item=2 name="old" nametype=DELETE',
      'item=3 name="new" nametype=DELETE',
      'item=4 name="new" nametype=CREATE',
    ],
    expected: ["/w absolute", "/w absolute", "/w/old cwd", "/w/new cwd", "/w/new cwd"],
    object: "/w/new",
    original: "/w/old",
  },
  {
    what: "a rename from one directory to another",
    syscall: "renameat2",
    args: [directory, "7ffe0000", here],
    cwd: "/w",
    paths: [
      'item=0 name="a/" nametype=PARENT',
      'item=1 name="b/" nametype=PARENT',
      'item=2 name="a/x" nametype=DELETE',
      'item=3 name="b/x" nametype=CREATE',
    ],
    expected: ["a/ no", "/w/b cwd", "a/x no", "/w/b/x cwd"],
    object: "/w/b/x",
    original: "a/x",
  },
  {
    what: "a link",
    syscall: "linkat",
    args: [here, "7ffe0000", directory],
    cwd: "/w",
    paths: [
      'item=0 name="x" nametype=NORMAL',
      'item=1 name="/w" nametype=PARENT',
      'item=2 name="y" nametype=CREATE',
    ],
    expected: ["/w/x cwd", "/w no", "y no"],
    object: "y",
    original: "/w/x",
  },
  {
    what: "a link from a directory that the log does not name",
    syscall: "linkat",
    args: [directory, "7ffe0000", here],
    cwd: "/w",
    paths: [
      'item=0 name="/w" nametype=PARENT',
      'item=1 name="x" nametype=NORMAL',
      'item=2 name="y" nametype=CREATE',
    ],
    expected: ["/w absolute", "x no", "/w/y cwd"],
    object: "/w/y",
    original: "x",
  },
  {
    what: "a symbolic link and its text",
    syscall: "symlink",
    cwd: "/w",
    paths: [
      'item=0 name="/w" nametype=PARENT',
      'item=1 name="target/x" nametype=UNKNOWN',
      'item=2 name="y" nametype=CREATE',
    ],
    expected: ["/w absolute", "target/x no", "/w/y cwd"],
    object: "/w/y",
  },
  {
    what: "an exec",
    syscall: "execve",
    cwd: "/w",
    paths: ['item=0 name="./run" nametype=NORMAL', 'item=1 name="/lib/ld.so" nametype=NORMAL'],
    expected: ["/w/run cwd", "/lib/ld.so absolute"],
    object: "/w/run",
  },
  {
    what: "a record without a name",
    syscall: "open",
    cwd: "/w",
    paths: ["item=0 name=(null) nametype=NORMAL"],
    expected: ["- no"],
    object: "-",
  },
];

for (const { what, syscall, args = [], cwd, paths, expected, object, original } of events) {
  test(`resolvePaths() and objectOf() read ${what}`, () => {
    const resolved = resolvePaths({
      paths: paths.map((body) => parsePath(tokeniseBody(bytesOf(body)).outer)),
      cwd: cwd === undefined ? undefined : bytesOf(cwd),
      syscall,
      args,
    });

    const found = objectOf(syscall, resolved);
    assert.deepEqual(
      resolved.map((path) => `${show(path)} ${path.resolved}`),
      expected,
    );
    assert.equal(found.object && show(found.object), object);
    assert.equal(found.original && show(found.original), original);
  });
}

test("parsePath() reads the records of old kernels", () => {
  const parse = (body: string): string => parsePath(tokeniseBody(bytesOf(body)).outer).nameType;

  assert.equal(parse('item=0 name="/x" objtype=CREATE'), "CREATE");
  assert.equal(parse('item=0 name="/x" inode=1'), "UNKNOWN");
});

test("parsePath() takes any values", () => {
  const value = fc.oneof(fc.uint8Array(), fc.stringMatching(/^-?[0-9A-F]{0,12}$/).map(bytesOf));
  const key = fc.constantFrom("item", "name", "nametype", "objtype");
  const form = fc.constantFrom("bare" as const, "quoted" as const, "braced" as const);
  fc.assert(
    fc.property(fc.array(fc.record({ key, value, form })), (fields) => {
      assert.ok(Number.isFinite(parsePath(fields).item));
    }),
  );
});

test("normalisePath() gives an absolute path without empty components and dots", () => {
  const path = fc
    .array(fc.constantFrom("/", ".", "..", "a", "ä", "//", "/../", " "))
    .map((parts) => bytesOf(`/${parts.join("")}`));
  fc.assert(
    fc.property(path, (bytes) => {
      const normal = normalisePath(bytes);

      assert.match(latin1(normal), /^\/(?:[^/]+(?:\/[^/]+)*)?$/);
      assert.ok(
        !latin1(normal)
          .split("/")
          .some((part) => part === "." || part === ".."),
      );
      assert.deepEqual(normalisePath(normal), normal);
    }),
  );
});

test("targetOf() gives where a new link leads, from the link's directory", () => {
  const target = (syscall: string, name: string, link: string): string => {
    const paths = [
      `item=0 name="/w" nametype=PARENT`,
      `item=1 name="${name}" nametype=${syscall.startsWith("sym") ? "UNKNOWN" : "NORMAL"}`,
      `item=2 name="${link}" nametype=CREATE`,
    ].map((body) => parsePath(tokeniseBody(bytesOf(body)).outer));
    const context = { syscall, paths, cwd: bytesOf("/w"), args: [directory, here, directory] };
    return latin1(targetOf(syscall, resolvePaths(context)) ?? bytesOf("-"));
  };

  assert.equal(target("symlink", "../x", "d/link"), "/w/x");
  assert.equal(target("symlink", "x", "/link"), "/x");
  assert.equal(target("symlink", "/a/./b", "link"), "/a/b");
  assert.equal(target("symlinkat", "x", "link"), "/w/x");
  assert.equal(target("link", "x", "link"), "/w/x");
  assert.equal(target("linkat", "x", "link"), "x");
  assert.equal(target("rename", "x", "link"), "-");
});

test("resolvePaths() takes any names", () => {
  const name = fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined });
  const nameType = fc.constantFrom(
    ...(["NORMAL", "PARENT", "DELETE", "CREATE", "UNKNOWN"] as const),
  );
  const context: fc.Arbitrary<PathContext> = fc.record({
    paths: fc.array(fc.record({ item: fc.nat(9), name, nameType }), { maxLength: 6 }),
    cwd: name,
    syscall: fc.constantFrom("renameat2", "linkat", "symlinkat", "openat", "open", undefined),
    args: fc.array(fc.constantFrom(here, directory, undefined), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(context, (given) => {
      for (const { path, resolved } of resolvePaths(given)) {
        assert.equal(path?.[0] === 0x2f, resolved !== "no");
      }
      targetOf(given.syscall, resolvePaths(given));
    }),
    { numRuns: 1_000 },
  );
});

test("fileType() and renderPermissions() read modes", () => {
  const modes = ["0100644", "040755", "0120777", "020666", "060660", "010600", "0140755", "0"];

  assert.deepEqual(
    modes.map((text) => fileType(parseMode(text) ?? -1)),
    ["file", "dir", "symlink", "character-device", "block-device", "fifo", "socket", undefined],
  );
  assert.equal(renderPermissions(parseMode("0104755") ?? 0), "4755");
  assert.equal(renderPermissions(parseMode("0100007") ?? 0), "0007");
  assert.equal(parseMode("rw"), undefined);
});

function show({ path }: { readonly path: Uint8Array | undefined }): string {
  return path === undefined ? "-" : latin1(path);
}
