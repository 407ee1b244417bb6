import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parseParagraphs } from "#build/package/control.ts";
import { footprint } from "#product/footprint.ts";
import { version } from "#product/version.ts";
import { fieldOf, listMembers, type Member, unpack } from "#test/support/deb-file.ts";
import { makeStubDeb } from "#test/support/stub-package.ts";

const root = mkdtempSync(join(tmpdir(), "linuxguard-contents-"));
let deb = "";
let files = "";
let control = "";
let members: readonly Member[] = [];

before(async () => {
  deb = await makeStubDeb(root, { arch: "amd64" });
  ({ files, control } = unpack(deb, join(root, "unpacked")));
  members = listMembers(deb);
});
after(() => {
  rmSync(root, { recursive: true });
});

describe("The package", () => {
  test("puts nothing on a host that is not root's or that others may write", () => {
    for (const { path, type, permissions, owner } of members) {
      assert.equal(owner, "root/root", path);
      const allowed = { "-": ["rwxr-xr-x", "rw-r--r--"], d: ["rwxr-xr-x"], l: ["rwxrwxrwx"] }[type];
      assert.ok(allowed?.includes(permissions), `${type}${permissions} ${path}`);
    }
  });

  test("puts nothing into the agent's directories, nor the directories themselves", () => {
    const own = [...footprint.directories.map(({ path }) => path), footprint.receipts];
    for (const { path } of members) {
      assert.ok(!own.some((each) => `${path}/`.startsWith(`${each}/`)), path);
      assert.doesNotMatch(path, /^\/(?:etc|var|run|tmp|home|lib|bin|sbin)\//);
    }
  });

  test("has every file of the footprint in its place, with its mode", () => {
    for (const { path, mode } of Object.values(footprint.files)) {
      assert.equal(statSync(join(files, path)).mode & 0o7777, mode, path);
    }
    const link = members.find(({ path }) => path === footprint.files.cli.path);
    assert.equal(link?.target, basename(footprint.files.agent.path));
  });

  test("has the rules of each tier for the package's architecture", async () => {
    const arm = await makeStubDeb(root, { arch: "arm64" });
    const unpacked = unpack(arm, join(root, "arm64"));

    for (const [machine, from] of [
      ["x86_64", files],
      ["aarch64", unpacked.files],
    ] as const) {
      const tiers = readdirSync(join("rules.d", machine)).toSorted();
      assert.deepEqual(readdirSync(join(from, footprint.rulesDirectory)).toSorted(), tiers);
      for (const tier of tiers) {
        assert.deepEqual(
          readFileSync(join(from, footprint.rulesDirectory, tier)),
          readFileSync(join("rules.d", machine, tier)),
        );
      }
    }
    assert.equal(fieldOf(arm, "Architecture"), "arm64");
  });

  test("has the manual pages and the completions of both programs", () => {
    for (const page of readdirSync("man")) {
      const packed = readFileSync(join(files, `usr/share/man/man${page.at(-1)}/${page}.gz`));
      assert.equal(gunzipSync(packed).toString("utf8"), readFileSync(join("man", page), "utf8"));
      // No time and no name; as small as can be. Source: RFC 1952, 2.3.1.
      assert.deepEqual([...packed.subarray(3, 9)], [0, 0, 0, 0, 0, 2]);
    }
    const folders = {
      bash: "bash-completion/completions",
      zsh: "zsh/vendor-completions",
      fish: "fish/vendor_completions.d",
    };
    for (const [shell, folder] of Object.entries(folders)) {
      const packed = readdirSync(join(files, "usr/share", folder));
      assert.deepEqual(packed.toSorted(), readdirSync(join("completions", shell)).toSorted());
    }
  });

  test("has checksums of all its files", () => {
    const sums = readFileSync(join(control, "md5sums"), "utf8");
    const { status, stdout } = spawnSync("md5sum", ["--check"], {
      cwd: files,
      input: sums,
      encoding: "utf8",
    });

    assert.equal(status, 0, stdout);
    const regular = members.filter(({ type }) => type === "-").map(({ path }) => path.slice(1));
    const summed = sums
      .trimEnd()
      .split("\n")
      .map((line) => line.slice(34));
    assert.deepEqual(summed, regular.toSorted());
  });

  test("has no configuration file that dpkg would look after", () => {
    assert.equal(existsSync(join(control, "conffiles")), false);
  });

  test("is told of changes to auditd's files, and waits for none", () => {
    const lines = readFileSync(join(control, "triggers"), "utf8").split("\n");

    assert.deepEqual(
      lines.filter((line) => line !== "" && !line.startsWith("#")),
      ["interest-noawait /etc/audit"],
    );
  });

  test("has the scripts as they are in the repository, and all that dpkg knows", () => {
    for (const name of ["preinst", "postinst", "prerm", "postrm", "config"]) {
      assert.equal(
        readFileSync(join(control, name), "utf8"),
        readFileSync(`debian/${name}`, "utf8"),
      );
      assert.equal(statSync(join(control, name)).mode & 0o7777, 0o755, name);
    }
  });

  test("names the product's version", () => {
    assert.equal(fieldOf(deb, "Version"), version);
    assert.equal(fieldOf(deb, "Architecture"), "amd64");
    assert.equal(fieldOf(deb, "Multi-Arch"), "foreign");
    assert.match(basename(deb), new RegExp(`^linuxguard_${version}_amd64\\.deb$`));
  });

  test("says what is installed to within a few KiB", () => {
    const sizes = members
      .filter(({ type }) => type === "-")
      .map(({ path }) => statSync(join(files, path)).size);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const said = Number(fieldOf(deb, "Installed-Size"));

    assert.ok(said * 1_024 >= bytes && said < bytes / 1_024 + 2 * members.length, `${said} KiB`);
  });

  test("gives the licence of everything that is in the program", () => {
    const text = readFileSync(join(files, "usr/share/doc/linuxguard/copyright"), "utf8");
    const paragraphs = parseParagraphs(text);

    assert.match(
      text,
      /^Format: https:\/\/www\.debian\.org\/doc\/packaging-manuals\/copyright-format\/1\.0\/$/m,
    );
    for (const name of ["node-linux-", "winston", "ini"]) {
      const found = paragraphs.find((each) =>
        each.get("Files")?.startsWith(`node_modules/${name}`),
      );
      assert.match(found?.get("License") ?? "", /^(?:MIT|ISC)-[\w-]+\n \S/, name);
      assert.match(found?.get("Copyright") ?? "", /\S/, name);
    }
    for (const paragraph of paragraphs) {
      if (!paragraph.has("Files")) continue;
      assert.ok(
        paragraph.has("Copyright") && paragraph.has("License"),
        paragraph.get("Files") ?? "",
      );
    }
  });
});

describe("The questions", () => {
  const questions = new Map([
    ["linuxguard/console-url", ["string", "https://api.linuxguard.io/v1/"]],
    ["linuxguard/enrolment-token", ["password", ""]],
    ["linuxguard/rule-tiers", ["multiselect", "base"]],
    ["linuxguard/audit-access", ["select", "auto"]],
    ["linuxguard/read-journal", ["boolean", "true"]],
    ["linuxguard/invalid-url", ["error", ""]],
  ]);

  test("are these, of these types, with these defaults", () => {
    const templates = parseParagraphs(readFileSync(join(control, "templates"), "utf8"));

    const found = templates.map((each) => [
      each.get("Template") ?? "",
      [each.get("Type") ?? "", each.get("Default") ?? ""],
    ]);
    assert.deepEqual(found, [...questions]);
  });

  test("are all asked in German, too", () => {
    const templates = parseParagraphs(readFileSync(join(control, "templates"), "utf8"));

    for (const template of templates) {
      const name = template.get("Template") ?? "";
      const german = template.get("Description-de.UTF-8") ?? "";
      assert.notEqual(german, template.get("Description"), name);
      assert.equal(paragraphsOf(german), paragraphsOf(template.get("Description") ?? ""), name);
      assert.equal(template.has("Choices"), template.has("Choices-de.UTF-8"), name);
    }
  });

  test("have choices that scripts know by one name in each language", () => {
    const templates = parseParagraphs(readFileSync(join(control, "templates"), "utf8"));
    const choices = (name: string, field: string) =>
      templates
        .find((each) => each.get("Template") === name)
        ?.get(field)
        ?.split(/(?<!\\), /);

    assert.deepEqual(choices("linuxguard/rule-tiers", "Choices-C"), [
      "base",
      "network",
      "compliance",
      "forks",
    ]);
    assert.deepEqual(choices("linuxguard/audit-access", "Choices-C"), [
      "auto",
      "log-group",
      "acl",
      "none",
    ]);
    for (const name of ["linuxguard/rule-tiers", "linuxguard/audit-access"]) {
      for (const field of ["Choices", "Choices-de.UTF-8"]) {
        assert.equal(choices(name, field)?.length, 4, `${name} ${field}`);
      }
    }
  });

  test("have translations made of what is asked now", () => {
    const folder = join(root, "translation");
    execFileSync("cp", ["--recursive", "debian", folder]);
    execFileSync("debconf-updatepo", [`--podir=${join(folder, "po")}`]);

    for (const file of ["templates.pot", "de.po"]) {
      assert.equal(messagesOf(join(folder, "po", file)), messagesOf(join("debian/po", file)), file);
    }
    const { stderr } = spawnSync(
      "msgfmt",
      ["--check", "--statistics", "--output-file=/dev/null", "debian/po/de.po"],
      { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } },
    );
    assert.match(stderr, /^\d+ translated messages\.$/m);
  });
});

function paragraphsOf(description: string): number {
  return description.split("\n .\n").length;
}

/** The messages without the times at which they were gathered. */
function messagesOf(file: string): string {
  return readFileSync(file, "utf8").replace(
    /^"(?:POT-Creation-Date|Report-Msgid-Bugs-To): .*\n/gm,
    "",
  );
}
