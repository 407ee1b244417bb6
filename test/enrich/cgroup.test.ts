import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCgroup } from "#enrich/cgroup.ts";

const id = "0123456789abcdef".repeat(4);

const containers: Readonly<Record<string, string>> = {
  "docker under systemd": `0::/system.slice/docker-${id}.scope`,
  "docker, version 1": `12:pids:/docker/${id}\n1:name=systemd:/docker/${id}`,
  "podman with a container group": `0::/machine.slice/libpod-${id}.scope/container`,
  "podman without root": `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`,
  containerd: `0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-${id}.scope`,
  "CRI-O": `0::/kubepods.slice/kubepods-besteffort.slice/crio-${id}.scope`,
  "kubelet by cgroupfs": `0::/kubepods/besteffort/pod7f3b2a60-5d2c-4d38-8a53-d3e4e7e0f0a1/${id}`,
  "systemd inside a container": `0::/system.slice/docker-${id}.scope/system.slice/nginx.service`,
};
for (const [name, text] of Object.entries(containers)) {
  test(`parseCgroup() finds the container: ${name}`, () => {
    assert.equal(parseCgroup(`${text}\n`).containerId, id);
  });
}

test("parseCgroup() finds LXC containers by their names", () => {
  assert.equal(
    parseCgroup("0::/lxc.payload.web-1/system.slice/ssh.service\n").containerId,
    "web-1",
  );
  assert.equal(parseCgroup("9:memory:/lxc/web-2\n").containerId, "web-2");
});

test("parseCgroup() takes the outer of two containers", () => {
  const inner = "f".repeat(64);

  assert.equal(parseCgroup(`0::/docker/${id}/docker/${inner}\n`).containerId, id);
});

test("parseCgroup() does not take a container's monitor for its inside", () => {
  const text = `0::/machine.slice/libpod-conmon-${id}.scope\n`;

  assert.equal(parseCgroup(text).containerId, undefined);
});

test("parseCgroup() does not take longer or shorter numbers for an id", () => {
  const paths = [
    `/a/${id}0`,
    `/a/0${id}`,
    `/a/${id.slice(1)}`,
    `/a/x${id}x`,
    `/a/${id.toUpperCase()}`,
  ];

  for (const path of paths) assert.equal(parseCgroup(`0::${path}\n`).containerId, undefined);
});

test("parseCgroup() finds the innermost service", () => {
  const user = "/user.slice/user-1000.slice/user@1000.service";

  assert.equal(parseCgroup("0::/system.slice/ssh.service\n").unit, "ssh.service");
  assert.equal(parseCgroup(`0::${user}/app.slice/emacs.service\n`).unit, "emacs.service");
  assert.equal(parseCgroup(`0::${user}/app.slice/run.scope\n`).unit, "user@1000.service");
  assert.equal(parseCgroup("0::/user.slice/user-1000.slice/session-3.scope\n").unit, undefined);
  assert.equal(
    parseCgroup("5:cpu:/\n1:name=systemd:/system.slice/cron.service\n0::/\n").unit,
    "cron.service",
  );
});

test("parseCgroup() does not take a service inside a container for one of the host", () => {
  assert.equal(
    parseCgroup(`0::/system.slice/docker-${id}.scope/system.slice/a.service\n`).unit,
    undefined,
  );
});

test("parseCgroup() never throws", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(":", "/", "\n", "0::/", id, ".scope", ".service"),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const { containerId, unit } = parseCgroup(words.join(""));

      assert.ok(containerId === undefined || containerId.length > 0);
      assert.ok(unit === undefined || unit.endsWith(".service"));
    }),
  );
});
