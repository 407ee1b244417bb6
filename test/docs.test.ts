import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { apkCommands, aptCommands, dnfCommands } from "#build/package/repo-page.ts";
import { plan } from "#build/steps/plan.ts";
import { linuxguard } from "#cli/linuxguard.ts";
import { createAgentProgram } from "#cli/linuxguard-agent.ts";
import { parseArguments } from "#cli/parse-arguments.ts";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";

const url = "https://packages.linuxguard.io/";
const guides = ["docs/install.md", "docs/images.md", "docs/upgrade.md", "docs/removal.md"];

for (const guide of guides) {
  describe(guide, () => {
    const text = readFileSync(guide, "utf8");

    test("has only commands that there are, with options and packages that there are", () => {
      const lines = commandsOf(text);

      assert.ok(lines.length > 5);
      for (const line of lines) requireCommand(line);
    });

    test("names only paths of the product, and those of others that are stated here", () => {
      const known = [...ownPaths({ footprint, identity }), footprint.receipts, ...foreign];
      const paths = text
        .replaceAll(/\w+:\/\/\S+/g, "")
        .match(/(?<![\w.])\/(?:etc|usr|var|run|dev)\/[\w./-]+/g);

      const unknown = (paths ?? [])
        .map((path) => path.replace(/[./]+$/, ""))
        .filter((path) => !known.some((each) => path === each || each.startsWith(`${path}/`)));
      assert.deepEqual([...new Set(unknown)], []);
    });
  });
}

test("docs/install.md has the commands of the repository's page", () => {
  const lines = readFileSync("docs/install.md", "utf8").split("\n");

  for (const command of [aptCommands, dnfCommands].flatMap((commands) => commands(url))) {
    assert.ok(lines.includes(command), command);
  }
  for (const command of apkCommands(url, "KEY")) assert.ok(lines.includes(command), command);
});

test("docs/install.md has the commands by which the promise has it verified", () => {
  const promise = readFileSync("docs/PROMISE.txt", "utf8");
  const lines = commandsOf(readFileSync("docs/install.md", "utf8"));

  const commands = promise.match(/^(?:id|ps|ls) .*$/gm) ?? [];
  assert.equal(commands.length, 5);
  for (const command of commands) assert.ok(lines.includes(command), command);
});

test("docs/removal.md names what is undone, what a purge erases and what stays", () => {
  const text = readFileSync("docs/removal.md", "utf8");
  const steps = [...plan["before-remove"], ...plan["after-purge"]];

  const kinds = new Set(steps.map(({ kind }) => kind));
  const told = ["service", "audit-rules", "audit-access", "membership", "erase", "questions"];
  assert.deepEqual([...kinds].toSorted(), told.toSorted());
  const names = steps.flatMap((step) => {
    if (step.kind === "erase") return step.path;
    return step.kind === "membership" ? step.group : [];
  });
  for (const name of [...names, footprint.account.name, ...footprint.groups]) {
    assert.ok(text.includes(`\`${name}\``), name);
  }
});

for (const file of globSync("{*.md,docs/*.md}").toSorted()) {
  test(`${file} links only to what there is`, () => {
    const text = readFileSync(file, "utf8");
    for (const [, target = ""] of text.matchAll(/\]\((?<target>[^)\s]+)\)/g)) {
      if (/^\w+:/.test(target)) continue;
      const [path = "", heading] = target.split("#");
      const linked = path === "" ? file : join(dirname(file), path);
      assert.ok(existsSync(linked), target);
      if (heading !== undefined) assert.ok(headingsOf(linked).includes(heading), target);
    }
  });
}

describe("The role for Ansible", () => {
  const role = "docs/ansible/roles/linuxguard";
  const tasks = globSync(`${role}/{tasks,handlers}/*.yml`)
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

  test("passes Ansible's check of syntax", () => {
    const options = ["--syntax-check", "--inventory", "localhost,", "docs/ansible/site.yml"];

    execFileSync("ansible-playbook", options, { stdio: "pipe" });
  });

  test("has a default for each variable, and uses each", () => {
    const defaults = readFileSync(`${role}/defaults/main.yml`, "utf8").match(/^linuxguard_\w+/gm);

    const used = new Set(tasks.match(/\blinuxguard_\w+/g));
    const registered = [...tasks.matchAll(/register: (?<name>\w+)/g)].map(([, name = ""]) => name);
    assert.deepEqual(
      [...used].filter((name) => !registered.includes(name)).toSorted(),
      defaults?.toSorted(),
    );
  });

  test("puts the token into standard input alone, and into no log", () => {
    const lines = tasks.split("\n").filter((line) => line.includes("linuxguard_enrolment_token"));

    assert.deepEqual(
      lines.map((line) => line.trim()),
      ['stdin: "{{ linuxguard_enrolment_token }}"', '- linuxguard_enrolment_token != ""'],
    );
    assert.match(tasks, /stdin: "\{\{ linuxguard_enrolment_token \}\}"\n.*\n {2}no_log: true/);
  });
});

/** Paths of others that the guides may name. */
const foreign = [
  "/dev/stdin",
  "/etc/apk/keys/KEY",
  "/etc/apk/repositories",
  "/etc/apt/sources.list.d/linuxguard.sources",
  "/etc/audit/audit.rules",
  "/etc/pki/rpm-gpg/RPM-GPG-KEY-linuxguard",
  "/etc/systemd/system-preset",
  "/etc/systemd/system/linuxguard.service.d",
  "/etc/yum.repos.d/linuxguard.repo",
  "/run/linuxguard-token",
  "/usr/share/keyrings/linuxguard-archive-keyring.gpg",
];

/** All paths that the footprint has, wherever in it they stand. */
function ownPaths(value: unknown): readonly string[] {
  if (typeof value === "string") return value.startsWith("/") ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(ownPaths) : [];
}

/** The lines of all shell blocks, and what of our programs stands within a line. */
function commandsOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```sh\n(?<lines>[\s\S]*?)^```$/gm)];
  const inline = [...text.matchAll(/`(?<line>(?:sudo )?linuxguard(?:-setup|-agent)? [^`]+)`/g)];
  return [
    ...blocks.flatMap(([, lines = ""]) => lines.trimEnd().split("\n")),
    ...inline.map(([, line = ""]) => line),
  ];
}

/** As GitHub makes them of headings. */
function headingsOf(file: string): readonly string[] {
  const headings = readFileSync(file, "utf8").match(/^#+ .*$/gm) ?? [];
  return headings.map((each) =>
    each
      .replace(/^#+ /, "")
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

/** What may stand before a command and has it run elsewhere, as somebody else or with more in its environment. */
const prefixes =
  /^(?:sudo |chroot ROOT |env |[A-Z_]+=\S+ |runuser -u linuxguard -- |su -s \/bin\/sh linuxguard -c )+/;
/** Programs of the systems, of which only the names are looked at. */
const ordinary = [
  ...["ansible-playbook", "apt-mark", "curl", "debconf-set-selections", "dpkg-reconfigure", "echo"],
  ...["find", "gpg", "gpgv", "grep", "groupdel", "id", "ls", "printf", "ps", "rm", "sed"],
  ...["sha256sum", "systemctl", "userdel", "wget"],
];

function requireCommand(line: string): void {
  for (const part of line.split(" | ")) {
    const [program = "", ...words] = part.replace(prefixes, "").replaceAll("'", "").split(" ");
    const check = checks.get(program);
    if (check === undefined) assert.ok(ordinary.includes(program), part);
    else check(words);
  }
}

type Check = (words: readonly string[]) => void;

const agent = createAgentProgram(() => 0);
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["linuxguard", (words) => void parseArguments(linuxguard, words)],
  ["linuxguard-agent", (words) => void parseArguments(agent, words)],
  ["linuxguard-setup", requireSetup],
  ["make", requireTarget],
  [
    "apt",
    ([act, ...words]) =>
      requirePackages(["install", "list", "purge", "remove", "update"], act, words),
  ],
  [
    "dnf",
    (words) => {
      const [act, ...rest] = words.filter((word) => !word.startsWith("--"));
      requirePackages(["downgrade", "install", "list", "remove", "upgrade"], act, rest);
    },
  ],
  [
    "apk",
    (words) => {
      const [act, ...rest] = words.filter((word) => word !== "--root" && word !== "ROOT");
      requirePackages(["add", "del", "policy", "update"], act, rest);
    },
  ],
]);

function requireSetup([act = "", ...words]: readonly string[]): void {
  const usage = readFileSync("etc/linuxguard-setup", "utf8");
  assert.match(usage, new RegExp(`^  ${act}(?: \\S+)?  `, "m"));
  const modes = ["auto", "log-group", "acl", "none"];
  for (const word of words) {
    assert.ok(
      act === "rules" ? existsSync(`rules.d/x86_64/${word}.rules`) : modes.includes(word),
      word,
    );
  }
}

function requireTarget([target = "", ...variables]: readonly string[]): void {
  const makefile = readFileSync("Makefile", "utf8");
  assert.match(makefile, new RegExp(`^${target}:`, "m"));
  for (const variable of variables) {
    assert.ok(makefile.includes(`$(${variable.replace(/=.*/, "")})`), variable);
  }
}

function requirePackages(acts: readonly string[], act = "", words: readonly string[]): void {
  assert.ok(acts.includes(act), act);
  const texts = globSync(["debian/control", "rpm/*.spec"]).map((file) =>
    readFileSync(file, "utf8"),
  );
  const names = texts.flatMap((text) =>
    [...text.matchAll(/^(?:Package|Name): (?<name>\S+)$/gm)].map(([, name = ""]) => name),
  );
  for (const word of words.filter((each) => !each.startsWith("--"))) {
    assert.ok(names.includes(word.replace(/[=-]VERSION$/, "")), word);
  }
}
