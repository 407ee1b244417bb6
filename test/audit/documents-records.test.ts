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
