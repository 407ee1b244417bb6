import assert from "node:assert/strict";
import { test } from "node:test";
import { accessActions, operationActions, recordActions, syscallActions } from "#audit/actions.ts";
import { recordTypeName } from "#audit/tables/record-types.ts";
import { syscallNumber } from "#audit/tables/syscalls.ts";
import { allowedValues, validateCategories } from "#test/support/ecs-categories.ts";

const categories = new Set(allowedValues["event.category"]);
const types = new Set(allowedValues["event.type"]);
const architectures = ["x86_64", "i386", "aarch64", "arm", "riscv64", "ppc64le", "s390x"];
/** Names of types whose number other kernels use for another type. */
const unnumbered = new Set(["IPE_ACCESS", "IPE_CONFIG_CHANGE"]);
/** Types of messages between the kernel and programs, and the end of an event: never an event. */
const lastRequest = 1_019;

for (const [table, actions] of Object.entries({
  syscallActions,
  recordActions,
  accessActions,
  operationActions,
})) {
  test(`${table} has categories and types that ECS allows together`, () => {
    const rows = Object.entries(actions);

    const problems = rows.flatMap(([name, { category, type }]) =>
      validateCategories(category, type).map((problem) => `${name}: ${problem}`),
    );

    assert.deepEqual(problems, []);
    for (const [name, { category, type, action }] of rows) {
      assert.deepEqual(
        category.filter((each) => !categories.has(each)),
        [],
        name,
      );
      assert.deepEqual(
        type.filter((each) => !types.has(each)),
        [],
        name,
      );
      assert.match(action, /^[a-z]+(?:-[a-z]+)*$/);
    }
  });
}

test("syscallActions names calls that some architecture has", () => {
  const names = Object.keys(syscallActions);

  const unknown = names.filter((name) =>
    architectures.every((architecture) => syscallNumber(architecture, name) === undefined),
  );

  assert.deepEqual(unknown, []);
  assert.ok(names.length >= 104, `${names.length} calls`);
});

test("recordActions has every type of records that can be an event", () => {
  const known = Array.from({ length: 2_000 }, (_, index) => recordTypeName(1_000 + index));
  const events = known
    .slice(lastRequest - 1_000 + 1)
    .filter((name) => !name.startsWith("UNKNOWN["));

  const missing = events.filter((name) => recordActions[name] === undefined);
  const unknown = Object.keys(recordActions).filter((name) => !known.includes(name));

  assert.deepEqual(missing, ["EOE"]);
  assert.deepEqual(unknown, [...unnumbered]);
});

test("syscallActions and recordActions have no keys but names", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.equal(syscallActions[name], undefined);
    assert.equal(recordActions[name], undefined);
    assert.equal(accessActions[name], undefined);
  }
});

test("syscallActions words actions as go-libaudit does", () => {
  const words = {
    execve: "executed",
    openat: "opened-file",
    unlinkat: "deleted",
    renameat2: "renamed",
    fchmodat: "changed-file-permissions-of",
    fchownat: "changed-file-ownership-of",
    mount: "mounted",
    umount2: "unmounted",
    connect: "connected-to",
    accept4: "accepted-connection-from",
    bind: "bound-socket",
    listen: "listen-for-connections",
    kill: "killed-pid",
    setuid: "changed-identity-of",
    finit_module: "loaded-kernel-module",
    delete_module: "unloaded-kernel-module",
    clock_settime: "changed-system-time",
  };

  for (const [name, action] of Object.entries(words)) {
    assert.equal(syscallActions[name]?.action, action);
  }
});

test("recordActions words actions as go-libaudit does", () => {
  const words = {
    USER_AUTH: "authenticated",
    USER_LOGIN: "logged-in",
    USER_ACCT: "was-authorized",
    CRED_ACQ: "acquired-credentials",
    USER_START: "started-session",
    USER_END: "ended-session",
    USER_CMD: "ran-command",
    LOGIN: "changed-login-id-to",
    ADD_USER: "added-user-account",
    SERVICE_START: "started-service",
    SYSTEM_BOOT: "booted-system",
    DAEMON_END: "shutdown-audit",
    CONFIG_CHANGE: "changed-audit-configuration",
    NETFILTER_CFG: "loaded-firewall-rule-to",
    ANOM_PROMISCUOUS: "changed-promiscuous-mode-on-device",
    SECCOMP: "violated-seccomp-policy",
  };

  for (const [name, action] of Object.entries(words)) {
    assert.equal(recordActions[name]?.action, action);
  }
});

test("syscallActions tells which end of a connection SOCKADDR is", () => {
  assert.equal(syscallActions.connect?.object, "network-destination");
  assert.equal(syscallActions.sendto?.object, "network-destination");
  assert.equal(syscallActions.accept4?.object, "network-source");
  assert.equal(syscallActions.recvmsg?.object, "network-source");
  assert.equal(syscallActions.bind?.object, "network-local");
});
