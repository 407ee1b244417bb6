import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { footprintFiles } from "#build/shell/files.ts";
import { renderLibrary } from "#build/shell/library.ts";
import { quote } from "#build/shell/quote.ts";
import { plan } from "#build/steps/plan.ts";
import type { Step } from "#build/steps/step.ts";

const shells = [
  ["dash"],
  ["bash", "--posix"],
  ["busybox", "ash"],
] as const satisfies readonly (readonly [string, ...string[]])[];
const scripts = [...footprintFiles()].filter(([, text]) => text.startsWith("#!/bin/sh"));
const root = mkdtempSync(join(tmpdir(), "linuxguard-shell-"));
after(() => {
  rmSync(root, { recursive: true });
});

test("quote() gives one word of any text in every shell", () => {
  for (const [shell, ...options] of shells) {
    const word = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(word, (text) => {
        const script = `printf '%s' ${text === "" ? "''" : quote(text)}`;
        assert.equal(execFileSync(shell, [...options, "-c", script], { encoding: "utf8" }), text);
      }),
      { numRuns: 40 },
    );
  }
});

test("renderLibrary() gives what a script calls and no more, and refuses what there is not", () => {
  assert.match(renderLibrary("lg_die no\n"), /^lg_say\(\) \{[\s\S]*\nlg_die\(\) \{/);
  assert.doesNotMatch(renderLibrary("lg_die no\n"), /lg_have/);
  assert.throws(() => renderLibrary("lg_nothing\n"), /lg_nothing/);
});

describe("The generated scripts", () => {
  test("are those of the packages and the ones for administrators", () => {
    assert.deepEqual(scripts.map(([path]) => path).toSorted(), [
      "apk/linuxguard-setup",
      "apk/post-install",
      "apk/post-upgrade",
      "apk/pre-deinstall",
      "apk/pre-install",
      "apk/pre-upgrade",
      "apk/trigger",
      "debian/config",
      "debian/postinst",
      "debian/postrm",
      "debian/preinst",
      "debian/prerm",
      "etc/linuxguard-setup",
      "rpm/post",
      "rpm/postun",
      "rpm/pre",
      "rpm/preun",
      "rpm/triggerin",
    ]);
  });

  for (const [path, text] of scripts) {
    test(`${path} is accepted by every shell and by shellcheck`, () => {
      const file = join(root, path.replace("/", "-"));
      writeFileSync(file, text);
      for (const [shell, ...options] of shells) {
        execFileSync(shell, [...options, "-n", file], { stdio: "pipe" });
      }
      execFileSync("shellcheck", [file], { stdio: "pipe" });
    });

    test(`${path} does nothing that a link could turn against the host (I4)`, () => {
      const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));

      assert.deepEqual(lines.filter(isBanned), []);
    });
  }

  test("are looked at for what is banned", () => {
    for (const line of [
      "chown -R a b",
      "chmod --recursive 1 b",
      "cat >/tmp/fixed",
      ". /etc/default/x",
      "systemctl start x",
      "echo -e x",
      "which x",
      "/sbin/auditctl -l",
      "chown a b",
    ]) {
      assert.ok(isBanned(line), line);
    }
  });

  test("preinst and prerm refuse an argument that dpkg does not give", () => {
    for (const name of ["preinst", "prerm"]) {
      const { status, stderr } = spawnSync("dash", [`debian/${name}`, "nonsense"], {
        encoding: "utf8",
      });
      assert.equal(status, 1);
      assert.match(stderr, /called with unknown argument 'nonsense'/);
    }
  });

  test("linuxguard-setup tells what is wrong with a command line by exit code 64", () => {
    for (const args of [[], ["frobnicate"], ["audit-access", "maybe"]]) {
      const { status, stderr } = spawnSync("dash", ["etc/linuxguard-setup", ...args], {
        encoding: "utf8",
      });
      assert.equal(status, 64);
      assert.match(stderr, /^linuxguard: error: .+ --help\n$/);
    }
  });
});

test("Each step that changes the host has its undo", () => {
  const undoing = new Set(
    [...plan["before-remove"], ...plan["after-remove"], ...plan["after-purge"]].map(nameOf),
  );
  const undo: Readonly<Record<string, string | undefined>> = {
    // Accounts and groups stay, see the plan.
    "membership join": "membership leave",
    directory: "erase",
    // What it writes lies in a directory of the agent's.
    configure: "erase",
    "audit-access grant": "audit-access revoke",
    "audit-rules activate": "audit-rules withdraw",
    "service enable": "service forget",
    "service start": "service stop",
  };
  const staying = ["check-account", "check-directory", "group", "account"];

  for (const step of plan["after-install"]) {
    const name = nameOf(step);
    if (staying.includes(name)) continue;
    assert.ok(undoing.has(undo[name] ?? ""), `Nothing undoes ${name}`);
  }
});

test("What before-remove undoes, remove-failed does again", () => {
  const again = plan["remove-failed"].map(nameOf);

  assert.deepEqual(
    [...new Set(again)],
    [
      "membership join",
      "audit-access grant",
      "audit-rules activate",
      "service enable",
      "service start",
    ],
  );
});

function nameOf(step: Step): string {
  return "act" in step ? `${step.kind} ${step.act}` : step.kind;
}

function isBanned(line: string): boolean {
  return [
    /\bch(?:own|mod)\b.* -(?:\w*R|-recursive)/,
    /\bchown (?!-h )/,
    /\/tmp\//,
    /^\s*\.\s+(?!\/usr\/share\/debconf\/confmodule$)/,
    /\bsource\b/,
    // One that may fail is told of or passed over, as there may be no systemd that answers.
    /\bsystemctl (?!--system daemon-reload|status|enable linuxguard\.service'$|.* linuxguard\.service >\/dev\/null 2>&1 \|\| |--quiet is-enabled )/,
    /\becho -/,
    /\bwhich\b/,
    /\/(?:auditctl|augenrules)\b/,
  ].some((pattern) => pattern.test(line));
}
