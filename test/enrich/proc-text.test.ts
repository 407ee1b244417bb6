import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isHostUidMap, isNamespaceInit, parseCmdline, parseStat } from "#enrich/proc-text.ts";

const rest = "S 10 11 11 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 24601 52211712 4856";

test("parseStat() reads parent, start and name", () => {
  assert.deepEqual(parseStat(`11 (bash) ${rest}`), { ppid: 10, startTicks: 24_601, comm: "bash" });
});

test("parseStat() reads any name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (comm) => {
      assert.deepEqual(parseStat(`11 (${comm}) ${rest}`), { ppid: 10, startTicks: 24_601, comm });
    }),
  );
});

test("parseStat() gives nothing for what is no status", () => {
  const texts = [
    "",
    "11",
    "11 (bash",
    "11 bash)",
    ") (",
    "11 (bash) S",
    `11 (bash) ${rest.replace("24601", "-1")}`,
  ];

  for (const text of texts) assert.equal(parseStat(text), undefined);
});

test("parseStat() never throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseStat(text)));
});

test("isNamespaceInit() tells pid 1 of any namespace", () => {
  assert.equal(isNamespaceInit("Name:\tinit\nNSpid:\t1\nNSpgid:\t1\n"), true);
  assert.equal(isNamespaceInit("Name:\tinit\nNSpid:\t4711\t1\nNSpgid:\t4711\t1\n"), true);
  assert.equal(isNamespaceInit("Name:\tbash\nNSpid:\t4711\t11\nNSpgid:\t1\n"), false);
  assert.equal(isNamespaceInit("Name:\tNSpid:\t1\nPid:\t1\n"), false);
});

test("isHostUidMap() tells the host's users from others", () => {
  assert.equal(isHostUidMap("         0          0 4294967295\n"), true);
  assert.equal(isHostUidMap("         0     100000      65536\n"), false);
  assert.equal(
    isHostUidMap("         0       1000          1\n         1     100000      65536\n"),
    false,
  );
  assert.equal(isHostUidMap(""), false);
});

test("parseCmdline() keeps empty arguments", () => {
  assert.deepEqual(parseCmdline("a\0\0b\0"), ["a", "", "b"]);
  assert.deepEqual(parseCmdline("sshd: alice [priv]"), ["sshd: alice [priv]"]);
  assert.deepEqual(parseCmdline(""), []);
});
