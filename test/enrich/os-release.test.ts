import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { osFamily, parseOsRelease } from "#enrich/os-release.ts";

test("parseOsRelease() reads bare and quoted values", () => {
  const text = `# a comment\nID=debian\nNAME="Debian GNU/Linux"\nVERSION='12 (x)'\nODD="a \\"b\\" \\$c"\nEMPTY=\nbad\n`;

  assert.deepEqual(Object.fromEntries(parseOsRelease(text)), {
    ID: "debian",
    NAME: "Debian GNU/Linux",
    VERSION: "12 (x)",
    ODD: 'a "b" $c',
    EMPTY: "",
  });
});

test("parseOsRelease() never throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseOsRelease(`A=${text}`)));
});

test("osFamily() goes by the id, then by what it is like", () => {
  assert.equal(osFamily("debian", ""), "debian");
  assert.equal(osFamily("linuxmint", "ubuntu debian"), "debian");
  assert.equal(osFamily("rocky", "rhel centos fedora"), "redhat");
  assert.equal(osFamily("opensuse-leap", "suse opensuse"), "suse");
  assert.equal(osFamily("void", ""), "void");
  assert.equal(osFamily("constructor", "toString"), "constructor");
});
