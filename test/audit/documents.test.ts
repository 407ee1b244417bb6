import assert from "node:assert/strict";
import { test } from "node:test";
import { runLog } from "#test/support/engine.ts";
import { fixtureLog } from "#test/support/fixture-logs.ts";

/** One event of a fixture, told by some of its members, and what else it must say; `undefined` is nothing. */
interface Expectation {
  readonly log: string;
  readonly of: Readonly<Record<string, unknown>>;
  readonly says: Readonly<Record<string, unknown>>;
}

const sshd = {
  "process.executable": "/usr/sbin/sshd",
  "source.ip": "127.0.0.1",
  "auditd.data.uid": "0",
};

const expectations: readonly Expectation[] = [
  {
    log: "exec",
    of: { "process.args": ["/bin/sh", "./script", "of alice"] },
    says: {
      "event.kind": "event",
      "event.category": ["process"],
      "event.type": ["start"],
      "event.action": "executed",
      "event.outcome": "success",
      "process.name": "script",
      "process.executable": "/usr/bin/dash",
      "process.args_count": 3,
      "process.command_line": "/bin/sh ./script of alice",
      "process.working_directory": "/tmp/lg-fixture",
      "user.name": "root",
      "user.effective": undefined,
      "user.audit": { id: "5001", name: "alice" },
      "auditd.key": ["lg_fixture"],
      "auditd.incomplete": undefined,
    },
  },
  {
    log: "sudo",
    of: { "process.args": ["sudo", "-n", "id", "-u"], "user.id": "5001" },
    says: {
      "user.name": "alice",
      "user.effective": { id: "0", name: "root" },
      "process.user": { id: "0", name: "root" },
      "process.real_user": { id: "5001", name: "alice" },
      "process.group": { id: "5001", name: "alice" },
    },
  },
  {
    log: "sudo",
    of: { "process.command_line": 'sudo -n -u bob -- /bin/echo a b quote"s Zürich' },
    says: { "process.args.8": "Zürich", "process.args_count": 9 },
  },
  {
    log: "files",
    of: { "auditd.data.syscall": "rename", "event.outcome": "success" },
    says: {
      "event.category": ["file"],
      "event.type": ["change"],
      "event.action": "renamed",
      "file.path": "/tmp/lg-fixture/watch/renamed.txt",
      "file.name": "renamed.txt",
      "file.directory": "/tmp/lg-fixture/watch",
      "file.Ext.original.path": "/tmp/lg-fixture/watch/new.txt",
      "file.mode": "0644",
      "file.owner": "root",
      "file.type": "file",
    },
  },
  {
    log: "files",
    of: { "auditd.data.syscall": "openat", "event.outcome": "failure" },
    says: { "event.action": "opened-file", "auditd.data.exit": "-36", "auditd.data.success": "no" },
  },
  {
    log: "sockets",
    of: { "auditd.data.syscall": "connect", "auditd.data.exit": "-111" },
    says: {
      "event.category": ["network"],
      "event.type": ["connection", "start"],
      "event.outcome": "failure",
      "destination.address": "127.0.0.1",
      "destination.ip": "127.0.0.1",
      "destination.port": 4_999,
      "network.direction": "egress",
      "network.type": "ipv4",
      source: undefined,
    },
  },
  {
    log: "sockets",
    of: { "auditd.data.syscall": "accept4", "source.ip": "127.0.0.1" },
    says: {
      "event.action": "accepted-connection-from",
      "source.port": 45_440,
      "network.direction": "ingress",
      destination: undefined,
    },
  },
  {
    log: "sockets",
    of: { "auditd.data.syscall": "connect", "auditd.socket.path": "/run/no-such.socket" },
    says: { "destination.address": "/run/no-such.socket", "destination.ip": undefined },
  },
  {
    log: "sockets",
    of: { "auditd.data.syscall": "bind", "auditd.socket.port": 4_001 },
    says: {
      "event.action": "bound-socket",
      "auditd.socket": { family: "inet", address: "127.0.0.1", port: 4_001 },
      source: undefined,
      destination: undefined,
      network: undefined,
    },
  },
  {
    log: "ssh",
    of: { "event.action": "logged-in", "event.outcome": "success" },
    says: {
      ...sshd,
      "event.category": ["authentication"],
      "event.type": ["start"],
      "process.name": "sshd",
      "user.audit": undefined,
      "user.id": "5001",
      "user.name": "alice",
      "user.effective": { id: "5001", name: "alice" },
      "auditd.session": "1224",
    },
  },
  {
    log: "ssh",
    of: { "event.action": "authenticated", "user.effective.name": "bob" },
    says: { ...sshd, "event.outcome": "failure", "user.id": "0" },
  },
  {
    log: "accounts",
    of: { "event.action": "added-user-account", "event.outcome": "success" },
    says: {
      "event.category": ["iam"],
      "event.type": ["user", "creation"],
      "process.executable": "/usr/sbin/useradd",
      "user.name": "alice",
      "user.target.id": "5003",
    },
  },
  {
    log: "accounts",
    of: { "event.action": "deleted-group-account-from", "event.outcome": "success" },
    says: { "event.type": ["group", "deletion"], "group.id": "5100", "user.target": undefined },
  },
  {
    log: "accounts",
    of: { "event.action": "added-group-account-to", "group.id": "5100" },
    says: { "group.name": "lgstaff", "process.name": "groupadd" },
  },
  {
    log: "systemd",
    of: { "event.action": "stopped-service", "service.name": "cron" },
    says: { "event.type": ["end"], "process.name": "systemd", "user.name": "root" },
  },
  {
    log: "ptrace",
    of: { "auditd.data.syscall": "ptrace", "auditd.data.a0": "10", "event.outcome": "success" },
    says: {
      "event.action": "traced",
      "auditd.others.0.record_type": "OBJ_PID",
      "auditd.others.0.data.opid": 30_245,
      "auditd.others.0.data.ocomm": "python3",
    },
  },
  {
    log: "kill",
    of: { "auditd.data.syscall": "kill", "auditd.others.2.record_type": "OBJ_PID" },
    says: {
      "event.action": "killed-pid",
      "event.type": ["end"],
      "auditd.others.2.data.opid": 29_938,
    },
  },
  {
    log: "mounts",
    of: { "auditd.data.syscall": "umount2", "event.outcome": "success" },
    says: { "event.action": "unmounted", "file.path": "/tmp/lg-fixture/m n" },
  },
  {
    log: "modules",
    of: { "auditd.data.syscall": "finit_module" },
    says: {
      "event.category": ["driver"],
      "event.type": ["start"],
      "event.action": "loaded-kernel-module",
    },
  },
  {
    log: "seccomp",
    of: { "event.action": "violated-seccomp-policy", "auditd.data.sig": 9 },
    says: { "event.type": ["denied", "info"], "process.pid": 30_342, "user.audit.name": "alice" },
  },
  {
    log: "node",
    of: { "process.args": ["/bin/true", "on a node"] },
    says: { "auditd.node": "host.example.org", "host.name": "host.example.org" },
  },
  {
    log: "raw",
    of: { "process.args": ["/bin/true", "a b"] },
    says: {
      "auditd.data.arch": "x86_64",
      "auditd.data.syscall": "execve",
      "user.id": "0",
      "user.name": undefined,
      "process.user": { id: "0" },
    },
  },
  {
    log: "i386",
    of: { "auditd.data.arch": "i386", "auditd.data.syscall": "unlink" },
    says: {
      "event.action": "deleted",
      "event.type": ["deletion"],
      "file.path": "/tmp/lg-fixture/by i386",
    },
  },
  {
    log: "daemon",
    of: { "event.action": "shutdown-audit" },
    says: { "user.audit.id": "0", "auditd.record_types": ["DAEMON_END"] },
  },
];

for (const { log, of, says } of expectations) {
  test(`A document of ${log} with ${JSON.stringify(of)} says what its event was`, () => {
    const document = documentsOf(log).find((each) =>
      Object.entries(of).every(([path, value]) => isEqual(valueAt(each, path), value)),
    );

    assert.ok(document !== undefined, "There is no such document");
    const said = Object.keys(says).map((path) => [path, valueAt(document, path)]);
    assert.deepEqual(Object.fromEntries(said), says);
  });
}

function documentsOf(name: string): readonly unknown[] {
  const lines = runLog(fixtureLog(name), { records: "none" }).toString().split("\n").slice(0, -1);
  return lines.map((line): unknown => JSON.parse(line));
}

function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const name of path.split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  }
  return value;
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
