import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tokeniseBody } from "#audit/decode/message.ts";
import type { RawField } from "#audit/decode/raw-field.ts";
import { bytesOf, latin1 } from "#audit/decode/scan.ts";

/** Bodies and what they hold: `key=value`, `key="quoted"`, `key={braced}`; a word is itself. */
const bodies: readonly {
  readonly what: string;
  readonly body: string;
  readonly outer: readonly string[];
  readonly inner?: readonly string[];
  readonly trailer?: readonly string[];
  readonly words?: readonly string[];
}[] = [
  {
    what: "a plain record with a trailer",
    body: 'arch=c000003e auid=1000 comm="c a" key=(null)\x1dARCH=x86_64 AUID="ann"',
    outer: ["arch=c000003e", "auid=1000", 'comm="c a"', "key=(null)"],
    trailer: ["ARCH=x86_64", 'AUID="ann"'],
  },
  { what: "a leading space", body: " a1[1]=6C73 a2_len=4", outer: ["a1[1]=6C73", "a2_len=4"] },
  {
    what: "quoted values with spaces",
    body: 'apparmor="STATUS" info="same as current profile, skipping" name="/a b"',
    outer: ['apparmor="STATUS"', 'info="same as current profile, skipping"', 'name="/a b"'],
  },
  {
    what: "a user message with an apostrophe between double quotes",
    body: `pid=9 uid=0 msg='op=PAM:auth acct="system-property('xsl:vendor')/>" res=failed'\x1dUID="root"`,
    outer: ["pid=9", "uid=0"],
    inner: ["op=PAM:auth", `acct="system-property('xsl:vendor')/>"`, "res=failed"],
    trailer: ['UID="root"'],
  },
  {
    what: "a user message without its end",
    body: 'pid=1 msg=\'unit=ssh comm="systemd" exe="/lib/syst',
    outer: ["pid=1"],
    inner: ["unit=ssh", 'comm="systemd"', 'exe="/lib/syst"'],
  },
  {
    what: "an old PAM message",
    body: `user pid=3 uid=0 msg='PAM: accounting acct=root : exe="/usr/sbin/crond" (hostname=?, addr=?, terminal=cron res=success)'`,
    outer: ["pid=3", "uid=0"],
    inner: [
      "acct=root",
      'exe="/usr/sbin/crond"',
      "hostname=?",
      "addr=?",
      "terminal=cron",
      "res=success",
    ],
    words: ["user", "PAM:", "accounting"],
  },
  {
    what: "values of several words in a user message",
    body: "msg='op=adding user to group acct=\"x\" id=0 mac= res=success'",
    outer: [],
    inner: ["op=adding user to group", 'acct="x"', "id=0", "mac=", "res=success"],
  },
  {
    what: "addresses that end in colons, and (none)",
    body: "msg='addr=fe80::, terminal=(none)) laddr=:: res=success)'",
    outer: [],
    inner: ["addr=fe80::", "terminal=(none)", "laddr=::", "res=success"],
  },
  {
    what: "a policy notice with its fields in parentheses",
    body: `msg='avc:  received policyload notice (seqno=2)  exe="?" (sauid=81, hostname=?, addr=?)'`,
    outer: [],
    inner: ["seqno=2", 'exe="?"', "sauid=81", "hostname=?", "addr=?"],
    words: ["avc:", "received", "policyload", "notice"],
  },
  {
    what: "the words of LOGIN",
    body: "login pid=9 uid=0 old auid=4294967295 new auid=0 old ses=1 new ses=2",
    outer: ["pid=9", "uid=0", "auid=4294967295", "auid=0", "ses=1", "ses=2"],
    words: ["login", "old", "new", "old", "new"],
  },
  {
    what: "the words of DAEMON_START and DAEMON_END",
    body: "auditd start, ver=1.4.1, format=raw, auid=5 subj= res=success, auditd pid=1",
    outer: ["ver=1.4.1", "format=raw", "auid=5", "subj=", "res=success", "pid=1"],
    words: ["auditd", "start,", "auditd"],
  },
  {
    what: "labels of AppArmor",
    body: "subj==/usr/sbin/ntpd (enforce) tty=(none) obj=/{,usr/}sbin/x subj_apparmor=/a (b) key=(null)",
    outer: [
      "subj==/usr/sbin/ntpd (enforce)",
      "tty=(none)",
      "obj=/{,usr/}sbin/x",
      "subj_apparmor=/a (b)",
      "key=(null)",
    ],
  },
  {
    what: "an AVC of SELinux",
    body: 'avc:  denied  { read write } for  pid=1 comm="x" tclass=file',
    outer: ["pid=1", 'comm="x"', "tclass=file"],
    words: ["avc:", "denied", "{", "read", "write", "}", "for"],
  },
  {
    what: "an address in braces",
    body: "saddr=01002F\x1dSADDR={ fam=local path=/tmp/{9e2c-{1}} }",
    outer: ["saddr=01002F"],
    trailer: ["SADDR={ fam=local path=/tmp/{9e2c-{1}} }"],
  },
  {
    what: "an address without braces",
    body: "saddr=0000\x1dSADDR=unknown family(0)",
    outer: ["saddr=0000"],
    trailer: ["SADDR=unknown family(0)"],
  },
  {
    what: "a trailer that lost its separator",
    body: 'arch=c000003e auid=0 gid=0 key=(null)ARCH=x86_64 AUID="root" GID=646F6D',
    outer: ["arch=c000003e", "auid=0", "gid=0", "key=(null)"],
    trailer: ["ARCH=x86_64", 'AUID="root"', "GID=646F6D"],
  },
  {
    what: "a trailer glued to a number",
    body: 'ouid=0 ogid=0 cap_frootid=0OUID="root" OGID="root"',
    outer: ["ouid=0", "ogid=0", "cap_frootid=0"],
    trailer: ['OUID="root"', 'OGID="root"'],
  },
  {
    what: "a trailer glued to capitals",
    body: 'ouid=0 nametype=NORMALOUID="root"',
    outer: ["ouid=0", "nametype=NORMAL"],
    trailer: ['OUID="root"'],
  },
  {
    what: "a trailer glued to an address",
    body: "saddr=0200SADDR={ saddr_fam=inet laddr=1.2.3.4 lport=22 }",
    outer: ["saddr=0200"],
    trailer: ["SADDR={ saddr_fam=inet laddr=1.2.3.4 lport=22 }"],
  },
  {
    what: "a trailer behind a space and a user message",
    body: `uid=0 auid=1 msg='op=x id=0 res=success' UID="root" AUID="ann" ID="root"`,
    outer: ["uid=0", "auid=1"],
    inner: ["op=x", "id=0", "res=success"],
    trailer: ['UID="root"', 'AUID="ann"', 'ID="root"'],
  },
  {
    what: "upper-case keys that have no twin",
    body: "IPE=ctx ( op: [execute] ) [ action = allow ] UID=1",
    outer: ["IPE=ctx", "UID=1"],
    words: ["(", "op:", "[execute]", ")", "[", "action", "=", "allow", "]"],
  },
  {
    what: "a record that another one was written into",
    body: `op=terminate auid=0 subj=24970459.090:670): pid=12 uid=0 msg='op=PAM:session_open acct="root" ' res=success`,
    outer: ["op=terminate", "auid=0", "subj=24970459.090:670):", "pid=12", "uid=0", "res=success"],
    inner: ["op=PAM:session_open", 'acct="root"'],
  },
  { what: "a stray quote", body: 'key=6578"', outer: ['key=6578"'] },
  { what: "nothing", body: "  ", outer: [] },
  { what: "no value at all", body: "msg=?", outer: ["msg=?"] },
];

for (const { what, body, outer, inner = [], trailer = [], words = [] } of bodies) {
  test(`tokeniseBody() splits ${what}`, () => {
    const split = tokeniseBody(bytesOf(body));

    assert.deepEqual(split.outer.map(render), outer);
    assert.deepEqual(split.inner.map(render), inner);
    assert.deepEqual(split.trailer.map(render), trailer);
    assert.deepEqual([...split.outerWords, ...split.innerWords].map(latin1), words);
  });
}

test("tokeniseBody() tells a trailer that lost its separator from one that has it", () => {
  const lost = tokeniseBody(bytesOf('uid=0 UID="root"'));
  const kept = tokeniseBody(bytesOf('uid=0\x1dUID="root"'));

  assert.equal(lost.trailerRecovered, true);
  assert.equal(kept.trailerRecovered, false);
  assert.deepEqual(lost.trailer.map(render), kept.trailer.map(render));
});

test("tokeniseBody() keeps what stands inside msg='…' as it is", () => {
  const { message } = tokeniseBody(bytesOf("pid=1 msg=' a  b=c '  "));

  assert.equal(message && latin1(message), " a  b=c ");
});

const grammar = fc
  .array(
    fc.oneof(
      fc.constantFrom(..."= ' \" { } ( ) , : \x1d \0 ".split(" ")),
      fc.constantFrom(" ", "msg='", "uid=", 'UID="', "ARCH=", "arch=", "op=", "subj=", "a1[2]="),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 40, size: "max" },
  )
  .map((parts) => bytesOf(parts.join("")));

test("tokeniseBody() takes any bytes, and its fields are views in the order of the body", () => {
  fc.assert(
    fc.property(fc.oneof(grammar, fc.uint8Array({ maxLength: 300 })), (body) => {
      const split = tokeniseBody(body);

      for (const fields of [split.outer, split.inner, split.trailer]) {
        let last = -1;
        for (const { value } of fields) {
          assert.equal(value.buffer, body.buffer);
          assert.ok(value.byteOffset > last);
          last = value.byteOffset;
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test("tokeniseBody() reads back quoted fields that it was given", () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
  const value = fc.stringMatching(/^[ !#-~]{0,12}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value)), (pairs) => {
      const expected = pairs.map(([name, text]) => `${name}="${text}"`);

      const { outer, outerWords } = tokeniseBody(bytesOf(expected.join(" ")));

      assert.deepEqual(outer.map(render), expected);
      assert.deepEqual(outerWords, []);
    }),
  );
});

function render({ key, value, form }: RawField): string {
  const text = latin1(value);
  switch (form) {
    case "bare":
      return `${key}=${text}`;
    case "quoted":
      return `${key}="${text}"`;
    case "braced":
      return `${key}={${text}}`;
    default:
      return form satisfies never;
  }
}
