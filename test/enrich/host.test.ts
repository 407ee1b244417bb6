import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, machine, release, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { hostId, readHost } from "#enrich/host.ts";

const folder = mkdtempSync(join(tmpdir(), "linuxguard-host-"));
after(() => rmSync(folder, { recursive: true }));

test("hostId() is what systemd makes of a machine id for an application", () => {
  const application = Buffer.from("00112233445566778899aabbccddeeff", "hex");

  const id = hostId("0123456789abcdef0123456789abcdef", application);

  // As sd_id128_get_machine_app_specific(3) gives it; made with Python's hmac module.
  assert.equal(id, "4e7a918525b94da8ad4b4f264a130726");
});

test("hostId() gives none for a machine that has no id yet", () => {
  for (const text of ["", "uninitialized", "0".repeat(32), "0123"])
    assert.equal(hostId(text), undefined);
});

test("readHost() describes this machine, and does not give its machine id away", () => {
  const { ecs, key, bootId } = readHost();

  assert.equal(ecs.hostname, hostname());
  assert.equal(ecs.architecture, machine());
  assert.equal(ecs.os.kernel, release());
  assert.equal(ecs.boot.id, readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  assert.equal(bootId, ecs.boot.id);
  assert.match(key, /^[0-9a-f]{32}$/);
  assert.deepEqual(readHost(), { ecs, key, bootId });
});

test("readHost() reads the files of a machine", () => {
  const machineId = "0123456789abcdef0123456789abcdef";
  const root = createRoot("rocky", {
    "etc/machine-id": `${machineId}\n`,
    "usr/lib/os-release":
      'ID="rocky"\nID_LIKE="rhel centos"\nNAME="Rocky Linux"\nVERSION_ID="9.4"\n',
    "proc/sys/kernel/random/boot_id": "0cc4a057-a8d8-4246-9605-8d797035a593\n",
  });

  const { ecs, key } = readHost(root);

  assert.equal(ecs.id, hostId(machineId));
  assert.equal(key, ecs.id);
  assert.ok(!JSON.stringify([ecs, key]).includes(machineId));
  assert.deepEqual(ecs.os, {
    type: "linux",
    kernel: release(),
    family: "redhat",
    platform: "rocky",
    name: "Rocky Linux",
    version: "9.4",
  });
});

test("readHost() makes do with a machine that says nothing", () => {
  const { ecs, key } = readHost(createRoot("empty", {}));

  assert.equal(ecs.id, undefined);
  assert.match(key, /^[0-9a-f]{32}$/);
  assert.deepEqual(ecs.os, { type: "linux", kernel: release() });
});

function createRoot(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(folder, name);
  mkdirSync(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
