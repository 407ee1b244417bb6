import assert from "node:assert/strict";
import { test } from "node:test";
import { validateEcs } from "#test/support/ecs.ts";
import { runLog, type TestEngineOptions } from "#test/support/engine.ts";
import { fixtureLog, fixtureLogs } from "#test/support/fixture-logs.ts";
import { generateLog } from "#test/support/generated-log.ts";

test("A document shows the paths of a rename by udev, and says when there are more than it shows", () => {
  const call = "arch=c000003e syscall=82 success=yes exit=0 items=";
  const paths = (count: number) =>
    Array.from(
      { length: count },
      (_, item) => `PATH item=${item} name="/dev/${item}" nametype=NORMAL`,
    );

  const most = documentOf([`SYSCALL ${call}88`, ...paths(88), "PROCTITLE proctitle=41"]);
  const more = documentOf([`SYSCALL ${call}89`, ...paths(89), "PROCTITLE proctitle=41"]);

  assert.deepEqual(valueAt(most, "auditd.paths.87.name"), "/dev/87");
  assert.deepEqual(valueAt(most, "auditd.incomplete"), undefined);
  assert.deepEqual(valueAt(more, "auditd.paths.88"), undefined);
  assert.deepEqual(valueAt(more, "auditd.incomplete"), ["fields_cut"]);
});

test("A document of mq_open() and mq_unlink() misses no path but more than the directory", () => {
  const calls = documentsOf(fixtureLog("ipc")).filter((document) =>
    ["mq_open", "mq_unlink"].includes(String(valueAt(document, "auditd.data.syscall"))),
  );
  assert.equal(calls.length, 2);
  for (const call of calls) assert.equal(valueAt(call, "auditd.incomplete"), undefined);

  const without = documentOf([
    "SYSCALL arch=c000003e syscall=240 success=yes exit=3 items=2",
    "PROCTITLE proctitle=41",
  ]);
  assert.deepEqual(valueAt(without, "auditd.incomplete"), ["paths_missing"]);
});

test("A document of an AVC says in fields what was denied or granted", () => {
  const words = 'avc:  denied  { read open } for pid=1 comm="x" tclass=file permissive=0';
  const alone = documentOf([`AVC ${words} seresult=forged`]);
  const beside = documentOf([
    `AVC ${words}`,
    "SYSCALL arch=c000003e syscall=2 success=no exit=-13",
  ]);
  const notice = documentOf(["USER_AVC pid=1 msg='avc:  received policyload notice (seqno=2)'"]);
  const user = documentOf(["USER_AVC pid=1 msg='avc:  granted  { send_msg } for spid=1 sauid=81'"]);

  assert.equal(valueAt(alone, "auditd.data.seresult"), "denied");
  assert.deepEqual(valueAt(alone, "auditd.data.seperms"), ["read", "open"]);
  assert.deepEqual(valueAt(beside, "auditd.others.0.data.seperms"), ["read", "open"]);
  assert.equal(valueAt(user, "auditd.message.seresult"), "granted");
  assert.equal(valueAt(user, "auditd.message.sauid"), "81");
  assert.equal(valueAt(notice, "auditd.message.seresult"), undefined);
});

test("A document of SECCOMP names architecture, call and action, or gives them as logged", () => {
  const known = documentOf(["SECCOMP pid=1 sig=0 arch=c00000b7 syscall=221 code=0x7ffc0000"]);
  const unknown = documentOf(["SECCOMP pid=1 sig=0 arch=1234 syscall=9999 code=0x12340000"]);

  assert.deepEqual(valueAt(known, "auditd.data"), {
    pid: 1,
    sig: 0,
    arch: "aarch64",
    syscall: "execve",
    code: "log",
  });
  assert.equal(valueAt(unknown, "auditd.data.arch"), "1234");
  assert.equal(valueAt(unknown, "auditd.data.syscall"), "9999");
  assert.equal(valueAt(unknown, "auditd.data.code"), "12340000");
});

test("A document of SOFTWARE_UPDATE names the package and what became of it", () => {
  const update = (message: string): unknown =>
    documentOf([`SOFTWARE_UPDATE pid=1 uid=0 auid=0 ses=1 msg='${message} res=success'`]);
  const sw = 'sw="nano-2.3.1-10.el7.x86_64" sw_type=rpm';

  const installed = update(`op=install ${sw} exe="/usr/bin/dnf"`);

  assert.deepEqual(valueAt(installed, "package"), {
    name: "nano",
    version: "2.3.1-10.el7",
    architecture: "x86_64",
    type: "rpm",
  });
  assert.deepEqual(valueAt(installed, "event.type"), ["installation"]);
  assert.deepEqual(valueAt(update(`op=remove ${sw}`), "event.type"), ["deletion"]);
  assert.equal(valueAt(update(`op=update ${sw}`), "event.action"), "updated-software");
  assert.deepEqual(valueAt(update('op=update sw="nano"'), "package"), { name: "nano" });
});

test("A document of a service's start is of the service also where the message shares its event", () => {
  const message = `unit=cron comm="systemd" exe="/usr/lib/systemd/systemd" res=success`;
  const document = documentOf([
    `SERVICE_START pid=1 uid=0 auid=4294967295 ses=4294967295 msg='${message}'\x1dUID="root"`,
    'SYSCALL arch=c000003e syscall=46 success=yes exit=60 items=0 pid=1 uid=0 exe="/x" comm="y"',
    "SOCKADDR saddr=100000000000000000000000",
    "PROCTITLE proctitle=41",
  ]);

  assert.equal(valueAt(document, "service.name"), "cron");
  assert.equal(valueAt(document, "process.executable"), "/usr/lib/systemd/systemd");
  assert.equal(valueAt(document, "process.name"), "systemd");
  assert.equal(valueAt(document, "user.name"), "root");
});

test("A document of a user-space record takes a quoted question mark for no value", () => {
  const document = documentOf([
    `USER_ERR pid=1 uid=0 auid=0 ses=1 msg='op=x acct="?" exe="?" hostname=? addr=? res=failed'`,
  ]);

  assert.deepEqual(valueAt(document, "process"), { pid: 1 });
  assert.deepEqual(valueAt(document, "user"), { id: "0" });
});

test("A document of an account says the group that a user is added to", () => {
  const message = 'op=add-user-to-group grp="wheel" acct="alice" exe="/usr/sbin/usermod"';
  const user = documentOf([`USER_MGMT pid=1 uid=0 auid=0 ses=1 msg='${message} res=success'`]);
  const group = documentOf([`GRP_MGMT pid=1 uid=0 auid=0 ses=1 msg='${message} res=success'`]);

  assert.deepEqual(valueAt(user, "user.target"), { name: "alice", group: { name: "wheel" } });
  assert.deepEqual(valueAt(group, "group"), { name: "wheel" });
});

test("Documents have one type for each member, and ids are strings", () => {
  const types = new Map<string, Set<string>>();
  for (const log of [
    ...fixtureLogs.values(),
    generateLog({ seed: 61, events: 1_000, nodes: [""] }),
  ]) {
    for (const document of documentsOf(log)) collectTypes(document, "", types);
  }

  const mixed = [...types].filter(([, of]) => of.size > 1).map(([path]) => path);
  const numbers = [...types].filter(([, of]) => of.has("number")).map(([path]) => path);
  assert.deepEqual(mixed, []);
  assert.deepEqual(
    numbers.filter((path) => /(?:uid|gid|ses|\.id|syscall|exit|family|protocol)$/.test(path)),
    [],
  );
});

function collectTypes(value: unknown, path: string, types: Map<string, Set<string>>): void {
  if (Array.isArray(value)) {
    for (const each of value) collectTypes(each, path, types);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      collectTypes(member, path === "" ? key : `${path}.${key}`, types);
    }
  } else types.set(path, (types.get(path) ?? new Set()).add(typeof value));
}

/** The document of one event, its records as type and body. */
function documentOf(records: readonly string[], options: TestEngineOptions = {}): unknown {
  const lines = records.map((record) => {
    const [type = ""] = record.split(" ", 1);
    return `type=${type} msg=audit(1700000000.123:1): ${record.slice(type.length + 1)}\n`;
  });
  const documents = documentsOf(Buffer.from(lines.join(""), "latin1"), options);
  assert.equal(documents.length, 1);
  return documents[0];
}

function documentsOf(log: Uint8Array, options: TestEngineOptions = {}): readonly unknown[] {
  const lines = runLog(log, { records: "none", ...options })
    .toString()
    .split("\n")
    .slice(0, -1);
  const documents = lines.map((line): unknown => JSON.parse(line));
  for (const document of documents) assert.deepEqual(validateEcs(document), []);
  return documents;
}

function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const name of path.split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  }
  return value;
}
