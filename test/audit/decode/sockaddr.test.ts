import assert from "node:assert/strict";
import { isIPv6 } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { renderIpv6 } from "#audit/decode/ip-address.ts";
import { parseSaddrText } from "#audit/decode/saddr-text.ts";
import { bytesOf } from "#audit/decode/scan.ts";
import { decodeSockaddr, isLittleEndian, type SocketAddress } from "#audit/decode/sockaddr.ts";

const addresses: readonly (readonly [what: string, hex: string, expected: SocketAddress])[] = [
  ["no family", "00000000000000000000000000000000", { kind: "unspec" }],
  ["a path", "01002F72756E2F6100AA", { kind: "unix", path: bytesOf("/run/a") }],
  ["a path without NUL", "01002F72756E2F61", { kind: "unix", path: bytesOf("/run/a") }],
  ["an abstract name", "0100006100620000", { kind: "unix-abstract", name: bytesOf("a\0b") }],
  ["no name", "0100", { kind: "unix-unnamed" }],
  ["no name, filled up", "01000000", { kind: "unix-unnamed" }],
  ["IPv4", "0200003501020304000000000000000000", { kind: "inet", address: "1.2.3.4", port: 53 }],
  ["cut IPv4", "020000350102", { kind: "short", short: true, family: 2, hex: "020000350102" }],
  [
    "IPv6",
    "0A0001BB0000000120010DB800000000000000000000000100000000",
    {
      kind: "inet6",
      address: "2001:db8::1",
      port: 443,
      flowInfo: 1,
      scopeId: 0,
      mapped: undefined,
    },
  ],
  [
    "IPv6 with a scope",
    "0A00000000000000FE80000000000000000000000000000102000000",
    { kind: "inet6", address: "fe80::1", port: 0, flowInfo: 0, scopeId: 2, mapped: undefined },
  ],
  [
    "v4-mapped IPv6 without a scope",
    "0A0000500000000000000000000000000000FFFF01020304",
    {
      kind: "inet6",
      address: "::ffff:1.2.3.4",
      port: 80,
      flowInfo: 0,
      scopeId: 0,
      mapped: "1.2.3.4",
    },
  ],
  ["netlink", "100000000500000001000000", { kind: "netlink", portId: 5, groups: 1 }],
  [
    "a packet",
    "110008000200000001000006AABBCCDDEEFF0000",
    { kind: "packet", protocol: 0x800, interfaceIndex: 2, hardwareAddress: "AA-BB-CC-DD-EE-FF" },
  ],
  [
    "an algorithm",
    `2600${hex("skcipher", 14)}0000000000000000${hex("cbc(aes)", 64)}`,
    { kind: "alg", type: "skcipher", name: "cbc(aes)" },
  ],
  ["a virtual machine", "28000000160000000300000000000000", { kind: "vsock", cid: 3, port: 22 }],
  ["CAN", "1D0000000400000000000000", { kind: "can", interfaceIndex: 4 }],
  ["X.25", "0900313233343500", { kind: "x25", address: "12345" }],
  ["AX.25", "03009C6086829898EE00000000", { kind: "ax25", callSign: "N0CALL-7" }],
  [
    "IPX",
    "040004510000000100112233445500",
    { kind: "ipx", network: "00000001", node: "00-11-22-33-44-55", port: 0x451 },
  ],
  [
    "ATM",
    "080000000100020003000000",
    { kind: "atmpvc", interfaceNumber: 1, pathId: 2, channelId: 3 },
  ],
  [
    "TIPC",
    "1E000201010000000200000003000000",
    { kind: "tipc", addressType: 2, numbers: [1, 2, 3] },
  ],
  [
    "RFCOMM",
    "1F000102030405060700",
    { kind: "bluetooth", protocol: "rfcomm", address: "06-05-04-03-02-01", channel: 7 },
  ],
  [
    "L2CAP",
    "1F000100010203040506000000FF",
    { kind: "bluetooth", protocol: "l2cap", address: "06-05-04-03-02-01", channel: 1 },
  ],
  ["HCI", "1F0001000000", { kind: "bluetooth", protocol: "hci", address: undefined, channel: 1 }],
  ["XDP", "2C00000002000000030000000000000000", { kind: "xdp", interfaceIndex: 2, queueId: 3 }],
  ["an unknown family", "FF00AB", { kind: "other", family: 255, hex: "ff00ab" }],
  ["nothing", "", { kind: "short", short: true, family: undefined, hex: "" }],
];

for (const [what, digits, expected] of addresses) {
  test(`decodeSockaddr() reads ${what}`, () => {
    assert.deepEqual(decodeSockaddr(Uint8Array.from(Buffer.from(digits, "hex")), true), expected);
  });
}

test("decodeSockaddr() reads the family in the order of the arch", () => {
  const bytes = Uint8Array.from(Buffer.from("0002003501020304", "hex"));

  const address = decodeSockaddr(bytes, isLittleEndian("80000016"));

  assert.deepEqual(address, { kind: "inet", address: "1.2.3.4", port: 53 });
});

test("isLittleEndian() knows the order of each arch", () => {
  const orders = ["c000003e", "40000003", "c00000b7", "80000015", "80000016", "16", undefined];

  assert.deepEqual(orders.map(isLittleEndian), [true, true, true, false, false, false, true]);
});

test("decodeSockaddr() takes any bytes of any family", () => {
  const bytes = fc
    .tuple(fc.integer({ min: 0, max: 50 }), fc.uint8Array({ maxLength: 120 }))
    .map(([family, rest]) => Uint8Array.of(family, 0, ...rest));
  fc.assert(
    fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 3 })), fc.boolean(), (raw, order) => {
      assert.equal(typeof decodeSockaddr(raw, order).kind, "string");
    }),
    { numRuns: 3_000 },
  );
});

test("renderIpv6() writes what a URL parser writes", () => {
  const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const bytes = Uint8Array.from(groups.flatMap((value) => [value >> 8, value & 0xff]));

      const text = renderIpv6(bytes);

      assert.ok(isIPv6(text));
      const { hostname } = new URL(`http://[${text}]`);
      if (!text.includes(".")) assert.equal(hostname, `[${text}]`);
    }),
    { numRuns: 1_000 },
  );
});

const texts: readonly (readonly [text: string, expected: SocketAddress | undefined])[] = [
  [" saddr_fam=inet laddr=1.2.3.4 lport=22 ", { kind: "inet", address: "1.2.3.4", port: 22 }],
  [
    " saddr_fam=inet6 laddr=::ffff:1.2.3.4 lport=0 ",
    {
      kind: "inet6",
      address: "::ffff:1.2.3.4",
      port: 0,
      flowInfo: 0,
      scopeId: 0,
      mapped: "1.2.3.4",
    },
  ],
  [" fam=local path=/tmp/{a b} ", { kind: "unix", path: bytesOf("/tmp/{a b}") }],
  [" saddr_fam=local path=@x ", { kind: "unix-abstract", name: bytesOf("x") }],
  [" saddr_fam=local path= ", { kind: "unix-unnamed" }],
  [" saddr_fam=netlink nlnk-fam=16 nlnk-pid=7 ", { kind: "netlink", portId: 7, groups: 0 }],
  [" saddr_fam=packet (unsupported) ", undefined],
  [" saddr_fam=inet laddr=host lport=22 ", undefined],
];

for (const [text, expected] of texts) {
  test(`parseSaddrText() reads {${text}}`, () => {
    const field = { key: "SADDR", value: bytesOf(text), form: "braced" } as const;

    assert.deepEqual(parseSaddrText(field), expected);
  });
}

test("parseSaddrText() takes any bytes", () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.constantFrom("inet", "inet6", "local", "netlink"),
      (raw, fam) => {
        const value = Uint8Array.of(...bytesOf(` fam=${fam} `), ...raw);

        parseSaddrText({ key: "SADDR", value, form: "braced" });
      },
    ),
  );
});

function hex(text: string, size: number): string {
  return Buffer.from(text.padEnd(size, "\0")).toString("hex");
}
