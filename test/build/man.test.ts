import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { manFiles } from "#build/man/files.ts";
import { escapeRoff } from "#build/man/roff.ts";
import { listCommands } from "#cli/command.ts";
import { linuxguard } from "#cli/linuxguard.ts";
import { namedSettings } from "#config/parse-config.ts";

let directory = "";
before(() => {
  directory = mkdtempSync(join(tmpdir(), "man-"));
});
after(() => {
  rmSync(directory, { recursive: true });
});

/** Formats a page as man(1) does. */
function format(name: string, text: string): { readonly page: string; readonly warnings: string } {
  const file = join(directory, name);
  writeFileSync(file, text);
  const { stdout, stderr, error } = spawnSync("man", ["--warnings=all", "--local-file", file], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8", MANWIDTH: "100", MAN_KEEP_FORMATTING: "" },
  });
  if (error !== undefined) {
    throw new Error("Cannot run man: apt-get install man-db groff-base", { cause: error });
  }
  return { page: stdout, warnings: stderr };
}

for (const [path, text] of manFiles()) {
  test(`${path} is formatted without a warning`, () => {
    const { page, warnings } = format(basename(path), text);

    assert.equal(warnings, "");
    assert.match(page, /NAME\n {7}linuxguard[a-z.-]* - \w/);
    assert.match(page, /SEE ALSO\n/);
  });
}

test("linuxguard(1) tells of every command and option", () => {
  const { page } = format("linuxguard.1", manFiles().get("man/linuxguard.1") ?? "");

  for (const { path, command } of listCommands(linuxguard)) {
    if (command.run !== undefined) assert.ok(page.includes(path.join(" ")), path.join(" "));
    for (const { name } of command.options ?? []) assert.ok(page.includes(`--${name}`), name);
  }
});

test("linuxguard.conf(5) tells of every setting", () => {
  const { page } = format("linuxguard.conf.5", manFiles().get("man/linuxguard.conf.5") ?? "");

  assert.ok(namedSettings.every(({ key }) => page.includes(`${key}=`)));
});

test("escapeRoff() keeps every printable character through man", () => {
  const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
  const lines = [...printable, printable.join(""), ".TH x", "'br", "\\fBbold", "a--b"];

  const text = [".TH t 1", ".SH NAME", ".nf", ...lines.map(escapeRoff)].join("\n");
  const { page } = format("characters.1", text);

  const shown = page.split("\n").map((line) => line.trim());
  assert.deepEqual(
    lines.filter((line) => !shown.includes(line)),
    [],
  );
});
