import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AccessDecision, parseAvc } from "#audit/decode/avc.ts";
import { tokeniseBody } from "#audit/decode/message.ts";
import { bytesOf } from "#audit/decode/scan.ts";

test("parseAvc() reads the text form of SELinux", () => {
  const body =
    'avc:  denied  { read write } for  pid=1 comm="x" name="y" dev="dm-0" ino=3 ' +
    "scontext=u:r:a_t:s0 tcontext=u:r:b_t:s0-s0:c0.c1023 tclass=file permissive=1";

  assert.deepEqual(parse(body), {
    kind: "selinux",
    result: "denied",
    permissions: ["read", "write"],
    sourceContext: "u:r:a_t:s0",
    targetContext: "u:r:b_t:s0-s0:c0.c1023",
    targetClass: "file",
    permissive: true,
  });
});

test("parseAvc() reads the form of AppArmor", () => {
  const body =
    'apparmor="DENIED" operation="open" info="no access" error=-13 profile="/usr/sbin/ntpd" ' +
    'name=2F746D702F6120 pid=5 comm="ntpd" requested_mask="r" denied_mask="r" fsuid=0 ouid=0';

  assert.deepEqual(parse(body), {
    kind: "apparmor",
    result: "DENIED",
    operation: "open",
    profile: "/usr/sbin/ntpd",
    name: "/tmp/a ",
    requestedMask: "r",
    deniedMask: "r",
    info: "no access",
  });
});

test("parseAvc() reads what a program decided", () => {
  const body =
    "pid=1 uid=0 auid=4294967295 ses=4294967295 subj=s msg='avc:  denied  { send_msg } for " +
    "msgtype=method_call interface=org.x scontext=a tcontext=b tclass=dbus permissive=0 " +
    ` exe="/usr/bin/dbus-daemon" sauid=81 hostname=? addr=? terminal=?'`;

  const decision = parse(body);

  assert.partialDeepStrictEqual(decision, {
    kind: "selinux",
    result: "denied",
    permissions: ["send_msg"],
    targetClass: "dbus",
    permissive: false,
  });
});

test("parseAvc() reads a notice", () => {
  const body = `pid=1 msg='avc:  received policyload notice (seqno=2)  exe="?" (sauid=81, addr=?)'`;

  assert.deepEqual(parse(body), { kind: "notice", text: "received policyload notice" });
});

test("parseAvc() finds no decision in another record", () => {
  assert.equal(parse("arch=c000003e syscall=59"), undefined);
});

test("parseAvc() takes any bytes", () => {
  const part = fc.constantFrom(
    "avc: ",
    "denied ",
    "{ ",
    "} ",
    "apparmor=",
    "tclass=x ",
    "permissive=",
  );
  const text = fc.array(fc.oneof(part, fc.string({ maxLength: 5 }))).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (body) => {
      parse(body);
    }),
  );
});

function parse(body: string): AccessDecision | undefined {
  return parseAvc(tokeniseBody(bytesOf(body)));
}
