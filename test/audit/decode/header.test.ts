import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHeader } from "#audit/decode/header.ts";
import { bytesOf, latin1 } from "#audit/decode/scan.ts";

const stamp = { seconds: 1_364_481_363, milliseconds: 243, serial: 24_287 };

const headers: readonly {
  readonly what: string;
  readonly line: string;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly body: string;
}[] = [
  {
    what: "a header as auditd writes it",
    line: "type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e",
    expected: { kind: "stamped", type: "SYSCALL", ...stamp, oddities: [] },
    body: "arch=c000003e",
  },
  {
    what: "a node and spaces",
    line: "node=a.b  type=UNKNOWN[1420]  msg=audit(1364481363.243:24287):  a=b",
    expected: { kind: "stamped", type: "UNKNOWN[1420]", typeNumber: 1_420, ...stamp, oddities: [] },
    body: "a=b",
  },
  {
    what: "the form of the kernel's log",
    line: 'audit: type=1400 audit(1364481363.243:24287): apparmor="DENIED"',
    expected: { type: "1400", typeNumber: 1_400, ...stamp, oddities: ["kernel-log", "no-msg"] },
    body: 'apparmor="DENIED"',
  },
  {
    what: "a header without a colon",
    line: "type=DAEMON_CONFIG msg=audit(1364481363.243:24287) config changed, auid=0",
    expected: { type: "DAEMON_CONFIG", ...stamp, oddities: ["no-colon"] },
    body: "config changed, auid=0",
  },
  {
    what: "a header without msg=",
    line: "type=SYSCALL audit(1364481363.243:24287): a=b",
    expected: { ...stamp, oddities: ["no-msg"] },
    body: "a=b",
  },
  {
    what: "seconds beyond 32 bits and the last serial",
    line: "type=EOE msg=audit(253402300799.001:4294967295):",
    expected: {
      seconds: 253_402_300_799,
      milliseconds: 1,
      serial: 4_294_967_295,
      oddities: ["long-seconds"],
    },
    body: "",
  },
  {
    what: "a stamp without milliseconds",
    line: "type=EOE msg=audit(1364481363:24287):",
    expected: { ...stamp, milliseconds: 0, oddities: ["short-milliseconds"] },
    body: "",
  },
  {
    what: "a stamp with one digit of milliseconds",
    line: "type=EOE msg=audit(1364481363.7:0):",
    expected: { ...stamp, milliseconds: 7, serial: 0, oddities: ["short-milliseconds"] },
    body: "",
  },
  {
    what: "a line of an unknown type without a stamp",
    line: "type=UNKNOWN[1329] msg=?",
    expected: { kind: "unstamped", typeNumber: 1_329 },
    body: "msg=?",
  },
  {
    what: "a line that ends in its type",
    line: "type=SYSC",
    expected: { kind: "unstamped", type: "SYSC", typeNumber: undefined },
    body: "",
  },
  {
    what: "an empty node and spaces before it",
    line: " node= type=99999999999 msg=audit(1364481363.243:24287): a=b",
    expected: { kind: "stamped", type: "99999999999", typeNumber: undefined, ...stamp },
    body: "a=b",
  },
  {
    what: "auditd's own line without a stamp",
    line: "type=DAEMON_ERR op=format-raw msg=NULL res=failed",
    expected: { kind: "unstamped", type: "DAEMON_ERR" },
    body: "op=format-raw msg=NULL res=failed",
  },
];

for (const { what, line, expected, body } of headers) {
  test(`parseHeader() reads ${what}`, () => {
    const header = parseHeader(bytesOf(line));

    assert.ok(header);
    assert.partialDeepStrictEqual(header, expected);
    assert.equal(line.slice(header.bodyStart), body);
  });
}

for (const line of [
  "",
  "type=",
  "type=SYSCALL msg=audit(): a=b",
  "type=SYSCALL msg=audit(1.2:x): a=b",
  "type=SYSCALL msg=audit(1.2345:6): a=b",
  "type=SYSCALL msg=audit(1.234:4294967296): a=b",
  "type=SYSCALL msg=audit(1.234:6",
  "type=SYSCALL msg=audit(1364481363243.001:6): a=b",
  "type= msg=audit(1.234:6): a=b",
  "type=A:B msg=audit(1.234:6): a=b",
  `type=${"A".repeat(65)} msg=audit(1.234:6): a=b`,
  "node=a",
  "Jan  1 00:00:00 host sshd[1]: hello",
]) {
  test(`parseHeader() finds no header in "${line}"`, () => {
    assert.equal(parseHeader(bytesOf(line)), undefined);
  });
}

test("parseHeader() takes any bytes, and any cut of a header", () => {
  const line = bytesOf("node=n audit: type=UNKNOWN[1420] msg=audit(1364481363.243:24287): a=b");
  const cut = fc
    .tuple(fc.nat(line.length), fc.nat(line.length), fc.uint8Array({ maxLength: 3 }))
    .map(([from, to, more]) =>
      Uint8Array.of(...line.subarray(0, from), ...more, ...line.subarray(to)),
    );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), cut), (bytes) => {
      const header = parseHeader(bytes);

      if (header) assert.ok(header.bodyStart <= bytes.length);
    }),
    { numRuns: 2_000 },
  );
});

test("parseHeader() reads back every stamp", () => {
  fc.assert(
    fc.property(
      fc.nat(999_999_999_999),
      fc.nat(999),
      fc.nat(4_294_967_295),
      fc.option(fc.stringMatching(/^[!-~]{1,20}$/)),
      (seconds, milliseconds, serial, node) => {
        const head = node === null ? "" : `node=${node} `;
        const fraction = String(milliseconds).padStart(3, "0");

        const header = parseHeader(
          bytesOf(`${head}type=CWD msg=audit(${seconds}.${fraction}:${serial}): x`),
        );

        assert.ok(header);
        assert.partialDeepStrictEqual(header, { seconds, milliseconds, serial });
        assert.equal(header.node && latin1(header.node), node ?? undefined);
      },
    ),
  );
});
