import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { baseOf, bases } from "#build/binary/base.ts";
import { footprint } from "#product/footprint.ts";
import { version } from "#product/version.ts";
import { makeStubRpm } from "#test/support/stub-package.ts";

const root = mkdtempSync(join(tmpdir(), "linuxguard-rpm-contents-"));
after(() => rmSync(root, { recursive: true }));

const { account, directories, files, receipts, rulesDirectory } = footprint;
const own = directories.filter(({ isVolatile }) => !isVolatile).map(({ path }) => path);

interface Member {
  readonly path: string;
  readonly mode: string;
  readonly owner: string;
  readonly target: string;
  readonly digest: string;
}

function query(file: string, ...args: readonly string[]): string {
  return execFileSync("rpm", ["-qp", ...args, file], { encoding: "utf8", stdio: "pipe" });
}

function listMembers(file: string): readonly Member[] {
  const fields = ["NAMES", "MODES:octal", "USERNAME", "GROUPNAME", "LINKTOS", "DIGESTS"];
  const format = `[${fields.map((field) => `%{FILE${field}}`).join("|")}\n]`;
  const lines = query(file, "--queryformat", format).trimEnd().split("\n");
  return lines.map((line) => {
    const [path = "", mode = "", user, group, target = "", digest = ""] = line.split("|");
    return { path, mode, owner: `${user}:${group}`, target, digest };
  });
}

describe("The package for rpm", () => {
  const packages = new Map<string, string>();

  before(async () => {
    for (const { debianArch, machine } of bases) {
      packages.set(machine, await makeStubRpm(root, { arch: debianArch }));
    }
  });

  function fileOf(machine = "x86_64"): string {
    return packages.get(machine) ?? "";
  }

  test("gives root all but the agent's three directories, and lets nobody else write", () => {
    for (const { path, mode, owner } of listMembers(fileOf())) {
      const isOwn = own.some((each) => each === path);
      assert.equal(owner, isOwn ? `${account.name}:${account.group}` : "root:root", path);
      const allowed = isOwn ? ["40750"] : ["40755", "100644", "100755", "120777"];
      assert.ok(allowed.includes(mode.replace(/^0/, "")), `${mode} ${path}`);
    }
  });

  test("puts nothing into the agent's directories, nor where only Debian looks", () => {
    const paths = listMembers(fileOf()).map(({ path }) => path);

    const below = [...directories.map(({ path }) => path), receipts].map((path) => `${path}/`);
    assert.deepEqual(
      paths.filter((path) => below.some((each) => path.startsWith(each))),
      [],
    );
    assert.deepEqual(
      paths.filter((path) => /lintian|vendor-completions|changelog|jitless|no-new-code/.test(path)),
      [],
    );
    assert.deepEqual(
      paths.filter((path) => !path.startsWith("/usr/")),
      own.toSorted(),
    );
  });

  test("has every file of the footprint in its place with its mode, the licence and the preset", () => {
    const members = new Map(listMembers(fileOf()).map((member) => [member.path, member]));

    for (const { path, mode } of Object.values(files)) {
      const expected = path === files.cli.path ? "120777" : `100${mode.toString(8)}`;
      assert.equal(members.get(path)?.mode.replace(/^0/, ""), expected, path);
    }
    assert.equal(members.get(files.cli.path)?.target, basename(files.agent.path));
    const licences = query(fileOf(), "--licensefiles").trimEnd().split("\n");
    assert.deepEqual(
      licences.map((path) => basename(path)),
      ["LICENSE", "copyright"],
    );
    const preset = members.get("/usr/lib/systemd/system-preset/80-linuxguard.preset");
    assert.equal(preset?.digest, digestOf("rpm/80-linuxguard.preset"));
    assert.match(query(fileOf(), "--docfiles"), /\/man8\/linuxguard-agent\.8\.gz$/m);
  });

  for (const { machine } of bases) {
    test(`for ${machine} says so, by name and header, and has the rules of it`, () => {
      const file = fileOf(machine);

      assert.equal(basename(file), `linuxguard-${version}-1.${machine}.rpm`);
      const format =
        "%{ARCH} %{OS} %{NAME}-%{VERSION}-%{RELEASE} %{LICENSE} %{BUILDHOST} %{BUILDTIME}";
      const built = Date.parse("2026-11-23T09:00:00Z") / 1_000;
      assert.equal(
        query(file, "--queryformat", format),
        `${machine} linux linuxguard-${version}-1 Apache-2.0 localhost ${built}`,
      );
      const rules = listMembers(file).filter(({ path }) => path.startsWith(`${rulesDirectory}/`));
      assert.deepEqual(
        rules.map(({ path, digest }) => [basename(path), digest]),
        globSync(`rules.d/${machine}/*`)
          .toSorted()
          .map((each) => [basename(each), digestOf(each)]),
      );
    });
  }

  test("asks for what its scriptlets call, and for nothing that EL 8 cannot give", () => {
    const requires = new Set(query(fileOf(), "--requires").trimEnd().split("\n"));

    const needed = ["/bin/sh", "acl", "audit >= 3.0", "coreutils", "gawk", "grep", "sed"];
    assert.deepEqual(
      [...requires].filter((each) => !each.startsWith("rpmlib(")),
      [...needed, "shadow-utils"],
    );
    // What the rpm of EL 8, 4.14, provides of these. Source: its lib/rpmds.c.
    const features = [
      "CompressedFileNames",
      "FileDigests",
      "PayloadFilesHavePrefix",
      "PayloadIsXz",
    ];
    assert.deepEqual(
      [...requires].flatMap((each) => /^rpmlib\((\w+)\)/.exec(each)?.[1] ?? []),
      features,
    );
  });

  test("has the scriptlets as they are in the repository, and a change of auditd's package starts one", () => {
    const said = query(fileOf(), "--scripts", "--triggers");

    for (const name of ["pre", "post", "preun", "postun", "triggerin"]) {
      const text = readFileSync(`rpm/${name}`, "utf8").replace(/^#!.*\n/, "");
      assert.ok(said.includes(text.trimEnd()), name);
    }
    assert.match(said, /^triggerin scriptlet \(using \/bin\/sh\) -- audit$/m);
  });
});

const sources = [
  ...["src", "build", "debian", "etc", "man", "completions", "rules.d", "rpm"],
  ...["LICENSE", "package.json", "package-lock.json"],
];

test("Two packages for rpm made in two folders, at two times, with two umasks are the same", () => {
  const agent = join(root, "agent");
  // Large enough that xz compresses it in more parts than one.
  const noise = createHash("shake256", { outputLength: 26_000_000 }).update("agent").digest();
  writeFileSync(agent, noise.fill(0, 1_000_000));

  const first = build("a", { clock: "2020-01-02 03:04:05", umask: "022", agent });
  const second = build("another folder", { clock: "2031-02-03 04:05:06", umask: "077", agent });

  assert.equal(first, second);
});

interface Circumstances {
  readonly clock: string;
  readonly umask: string;
  readonly agent: string;
}

/** Checks the sources out as git would under the umask, makes the package, and returns its checksum. */
function build(name: string, { clock, umask, agent }: Circumstances): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const each of sources) cpSync(each, join(folder, each), { recursive: true });
  execFileSync("chmod", ["-R", `u=rwX,go=${umask === "022" ? "rX" : ""}`, folder]);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const order = { base: baseOf("amd64"), agentFile: agent, folder: "out" };
  const make = `const { makeRpm } = await import("#build/package/rpm.ts"); await makeRpm(${JSON.stringify(order)});`;
  const script = 'umask "$1"; clock=$2; shift 2; exec faketime "$clock" "$@"';
  const line = [process.execPath, "--input-type=module", "--eval", make];
  execFileSync("/bin/sh", ["-c", script, "sh", umask, clock, ...line], {
    cwd: folder,
    // The times of files are what they are. Source: faketime(1).
    env: { ...process.env, NO_FAKE_STAT: "1", TZ: name === "a" ? "UTC" : "Asia/Tokyo" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [rpm = ""] = globSync(join(folder, "out/*.rpm"));
  return digestOf(rpm);
}

function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
