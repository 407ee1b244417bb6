import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { unitFiles } from "#build/units/files.ts";
import { footprint } from "#product/footprint.ts";

const files = unitFiles();
const unit = `${footprint.service}.service`;
const service = files.get(`etc/systemd/${unit}`) ?? "";
const dropIns = [...files].filter(([path]) => path.includes("/drop-ins/"));

describe("The service for systemd", () => {
  const root = mkdtempSync(join(tmpdir(), "linuxguard-units-"));
  after(() => {
    rmSync(root, { recursive: true });
  });

  /** How open systemd finds the service with these drop-ins: 0 is closed, 10 is open. */
  function exposureWith(wanted: readonly string[]): number {
    const folder = mkdtempSync(join(root, "exposure-"));
    const units = join(folder, "etc/systemd/system");
    mkdirSync(join(units, `${unit}.d`), { recursive: true });
    writeFileSync(join(units, unit), service);
    for (const [path, text] of dropIns) {
      const name = path.split("/").at(-1) ?? "";
      if (wanted.some((each) => name.includes(each))) {
        writeFileSync(join(units, `${unit}.d`, name), text);
      }
    }
    const args = ["security", "--offline=true", `--root=${folder}`, "--no-pager", unit];
    const text = execFileSync("systemd-analyze", args, { encoding: "utf8", stdio: "pipe" });
    return Number(/Overall exposure level for \S+: (?<level>[\d.]+)/.exec(text)?.groups?.level);
  }

  test("is exposed by at most 1.5 as it is, and by at most 1.1 with the drop-ins", () => {
    const shipped = exposureWith([]);
    const closed = exposureWith(["egress", "process-view", "locked"]);

    assert.ok(shipped <= 1.5, `Exposure as shipped: ${shipped}`);
    assert.ok(closed <= 1.1, `Exposure with drop-ins: ${closed}`);
    assert.ok(closed < shipped, "The drop-ins were not looked at");
  });

  test("has no key or value that systemd does not know", () => {
    const file = join(root, unit);
    writeFileSync(file, service.replace(footprint.files.agent.path, "/bin/true"));

    const { stderr, error } = spawnSync("systemd-analyze", ["verify", "--man=no", file], {
      encoding: "utf8",
    });

    assert.equal(error, undefined);
    assert.doesNotMatch(stderr, /linuxguard\.service.*(?:Unknown|Failed|ignoring)/);
  });

  test("runs as the account of the footprint, and may write to its directories only", () => {
    assert.match(service, new RegExp(`^User=${footprint.account.name}$`, "m"));
    assert.match(service, /^ProtectSystem=strict$/m);
    assert.match(service, /^CapabilityBoundingSet=$/m);
    for (const { path, mode } of footprint.directories) {
      const [, top = "", kind = ""] = path.split("/");
      const key = { etc: "Configuration", run: "Runtime", lib: "State", log: "Logs" }[
        top === "var" ? kind : top
      ];
      assert.match(service, new RegExp(`^${key}Directory=linuxguard$`, "m"));
      assert.match(service, new RegExp(`^${key}DirectoryMode=0${mode.toString(8)}$`, "m"));
      assert.match(service, new RegExp(`^NoExecPaths=.* ${path}(?: |$)`, "m"));
    }
  });

  test("may run what it names", () => {
    const paths = /^ExecPaths=(?<paths>.*)$/m.exec(service)?.groups?.paths?.split(" ") ?? [];
    const programs = [...service.matchAll(/^Exec(?:Start|Reload)=(?<path>\S+)/gm)];

    assert.equal(programs.length, 2);
    for (const { groups } of programs) {
      const { path = "" } = groups ?? {};
      assert.ok(paths.includes(path) || paths.includes(`-${path}`), path);
    }
  });

  test("has drop-ins that say how they are used", () => {
    assert.ok(dropIns.length >= 4);
    for (const [path, text] of dropIns) {
      assert.match(text, /^# To use it: copy it to \/etc\/systemd\/system\//m, path);
    }
  });
});
