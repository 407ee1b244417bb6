import assert from "node:assert/strict";
import { test } from "node:test";
import { endsAlone, isDaemonType, isUserType } from "#audit/record-class.ts";

/** Source: audit-userspace, `audit_is_last_record`, and real logs. */
const endings = {
  "at-once": "DAEMON_START DAEMON_END DAEMON_ROTATE UNKNOWN[1299] 1200",
  "after-grace":
    "USER USER_AUTH SERVICE_START UNKNOWN[1199] KERNEL ANOM_LOGIN_FAILURES MAC_CIPSOV4_ADD 2000",
  no: "LOGIN SYSCALL PATH CONFIG_CHANGE SECCOMP AVC UNKNOWN[1420] ANOM_ABEND BPF NO_SUCH_TYPE __proto__",
};

for (const [ending, names] of Object.entries(endings)) {
  test(`endsAlone() says ${ending} of ${names}`, () => {
    for (const name of names.split(" ")) assert.equal(endsAlone(name), ending, name);
  });
}

test("isUserType() tells records that programs send, however their type is logged", () => {
  for (const name of ["USER_AUTH", "UNKNOWN[1100]", "1100", "ADD_USER", "ANOM_LOGIN_FAILURES"]) {
    assert.equal(isUserType(name), true, name);
  }
  for (const name of ["LOGIN", "SYSCALL", "DAEMON_START", "ANOM_ABEND", "X"]) {
    assert.equal(isUserType(name), false, name);
  }
});

test("isDaemonType() tells auditd's own records", () => {
  assert.equal(isDaemonType("DAEMON_CONFIG"), true);
  assert.equal(isDaemonType("USER_AUTH"), false);
});
