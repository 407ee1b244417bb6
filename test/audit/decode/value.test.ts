import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fieldKindRows } from "#audit/decode/field-kinds.ts";
import { tokeniseBody } from "#audit/decode/message.ts";
import { bytesOf, latin1 } from "#audit/decode/scan.ts";
import { decodeText } from "#audit/decode/text.ts";
import { type DecodedValue, decodeValue, numberOf } from "#audit/decode/value.ts";

const cases: readonly (readonly [type: string, field: string, meaning: string])[] = [
  ["SYSCALL", 'comm="c a"', "text c a"],
  ["SYSCALL", "comm=632061", "text c a"],
  ["SYSCALL", "comm=abcxyz", "text abcxyz"],
  ["SYSCALL", "comm=41607E", "text 41607E"],
  ["SYSCALL", "comm=63206", "text 63206"],
  ["SYSCALL", "comm=632061aa", "text 632061aa"],
  ["USER_AUTH", "acct=deadbeef", "text deadbeef"],
  ["USER_AUTH", "acct=28756E6B6E6F776E29", "text (unknown)"],
  ["USER_LOGIN", "acct=28696E76616C6964207573657229", "text (invalid user)"],
  ["SYSCALL", "tty=(none)", "none"],
  ["SYSCALL", "key=(null)", "none"],
  ["SYSCALL", 'key="(null)"', "list (null)"],
  ["PATH", "name=(null)", "none"],
  ["USER_AUTH", "hostname=?", "none"],
  ["USER_AUTH", 'exe="?"', "none"],
  ["USER_AUTH", "mac=", "none"],
  ["EXECVE", 'a1=""', "text "],
  ["EXECVE", 'a0="75"', "text 75"],
  ["EXECVE", "a1[0]=4142", "text AB"],
  ["EXECVE", "a1=4142", "text 4142"],
  ["EXECVE", "a1_len=16384", "number 16384 10"],
  ["PROCTITLE", "proctitle=6C73002D6C", "list ls|-l"],
  ["PROCTITLE", 'proctitle="sshd: x"', "list sshd: x"],
  ["PROCTITLE", 'proctitle="(null)"', "none"],
  ["PROCTITLE", "proctitle=41607E", "list 41607E"],
  ["SYSCALL", "key=6E657401657865", "list net|exe"],
  ["SYSCALL", 'key="key=net"', "list net"],
  ["SYSCALL", 'key=6E657401657865"', "list net|exe"],
  ["SOCKADDR", "saddr=4142", "bytes AB"],
  ["SOCKADDR", "saddr=41424", "text 41424"],
  ["AVC", "saddr=10.0.0.1", "text 10.0.0.1"],
  ["TTY", "data=6C730D", "bytes ls\r"],
  ["SYSCALL", "auid=4294967295", "unset"],
  ["SYSCALL", "ses=-1", "unset"],
  ["SYSCALL", "uid=1000", "number 1000 10"],
  ["USER_LOGIN", "id=unknown(1501)", "text unknown(1501)"],
  ["SYSCALL", "exit=-115", "text -115"],
  ["FD_PAIR", "fd0=-1", "number -1 10"],
  ["SYSCALL", "a0=FFFFFF9C", "number ffffff9c 16"],
  ["MMAP", "flags=0x22", "number 22 16"],
  ["PATH", "mode=0100644", "number 0100644 8"],
  ["MQ_OPEN", "oflag=0x80", "number 80 16"],
  ["PATH", "dev=08:1f", "device 8:31"],
  ["PATH", "dev=tmpfs", "text tmpfs"],
  ["BPF", "prog-id=75", "number 75 10"],
  ["FANOTIFY", "fan_info=3137", "number 3137 16"],
  ["CRYPTO_SESSION", "fp=SHA256:ab", "text SHA256:ab"],
  ["SYSCALL", "GID=646F6D61696E207573657273", "text domain users"],
  ["TRUSTED_APP", "foo=6120", "text a "],
  ["DAEMON_START", "subj==unconfined", "text =unconfined"],
];

for (const [type, body, meaning] of cases) {
  test(`decodeValue() reads ${body} of ${type}`, () => {
    const [field] = tokeniseBody(bytesOf(body)).outer;

    assert.ok(field);
    assert.equal(render(decodeValue(field.key, type, field)), meaning);
  });
}

test("numberOf() gives the value in its base", () => {
  assert.equal(numberOf({ kind: "number", text: "-13", base: 10 }), -13n);
  assert.equal(numberOf({ kind: "number", text: "0100644", base: 8 }), 33_188n);
  assert.equal(numberOf({ kind: "number", text: "7ffd00000000", base: 16 }), 0x7ffd00000000n);
  assert.equal(numberOf({ kind: "unset" }), undefined);
});

test("decodeValue() takes any bytes under any key, and each number has a value", () => {
  const keys = fieldKindRows.flatMap((row) => row.keys.split(" "));
  const types = fieldKindRows.flatMap((row) => row.types?.split(" ") ?? ["SYSCALL"]);
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.stringMatching(/^-?(?:0x)?[0-9A-Fa-f:]{0,40}$/).map(bytesOf),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...keys, "a1", "a1[0]", "a1_len"),
      fc.constantFrom(...types, "EXECVE"),
      value,
      fc.constantFrom("bare" as const, "quoted" as const, "braced" as const),
      (key, type, bytes, form) => {
        const decoded = decodeValue(key, type, { key, value: bytes, form });

        if (decoded.kind === "number") assert.equal(typeof numberOf(decoded), "bigint");
      },
    ),
    { numRuns: 3_000 },
  );
});

test("decodeValue() reads back what the kernel writes for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      const [field] = tokeniseBody(bytesOf(`name=${encode(bytes)}`)).outer;

      assert.ok(field);
      assert.deepEqual(decodeValue("name", "PATH", field), { kind: "text", bytes });
    }),
  );
});

test("decodeText() tells UTF-8 from other bytes", () => {
  assert.deepEqual(decodeText(Uint8Array.of(0xc3, 0xa4)), { text: "ä", lossy: false });
  assert.deepEqual(decodeText(Uint8Array.of(0x61, 0xe4)), { text: "a\ufffd", lossy: true });
  assert.deepEqual(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf)), { text: "\ufeff", lossy: false });
});

test("decodeText() gives text that encodes to the same bytes unless it is lossy", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const { text, lossy } = decodeText(bytes);

      assert.equal(Buffer.from(text).equals(bytes), !lossy);
    }),
  );
});

/** Writes a value as the kernel does. */
function encode(bytes: Uint8Array): string {
  const plain = bytes.every((byte) => byte >= 0x21 && byte <= 0x7e && byte !== 0x22);
  return plain ? `"${latin1(bytes)}"` : Buffer.from(bytes).toString("hex").toUpperCase();
}

function render(value: DecodedValue): string {
  switch (value.kind) {
    case "none":
    case "unset":
      return value.kind;
    case "text":
    case "bytes":
      return `${value.kind} ${latin1(value.bytes)}`;
    case "list":
      return `list ${value.items.map(latin1).join("|")}`;
    case "number":
      return `number ${value.text} ${value.base}`;
    case "device":
      return `device ${value.major}:${value.minor}`;
    default:
      return value satisfies never;
  }
}
