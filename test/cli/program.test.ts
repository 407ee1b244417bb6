import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, test } from "node:test";
import { listCommands } from "#cli/command.ts";
import { linuxguard } from "#cli/linuxguard.ts";
import { createAgentProgram } from "#cli/linuxguard-agent.ts";
import { version } from "#product/version.ts";
import { Spool } from "#spool/spool.ts";

const timeMs = Date.UTC(2026, 10, 23, 3, 19, 20, 411);
let directory = "";
let config = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cli-"));
  config = join(directory, "linuxguard.conf");
  writeFileSync(config, `[spool]\ndirectory = ${join(directory, "spool")}\n`);
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

interface Run {
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly argv0?: string;
}

function run({ args, environment = {}, argv0 }: Run) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/main.ts", ...args], {
    encoding: "utf8",
    env: environment,
    ...(argv0 === undefined ? {} : { argv0 }),
  });
  return { status, stdout, stderr };
}

function openSpool(): Spool {
  return Spool.open({
    directory: join(directory, "spool"),
    maxBytes: 1_048_576,
    segmentBytes: 65_536,
    freeFloorBytes: 0,
    compressionLevel: 1,
  });
}

/** Appends a batch of events, one an hour, the first of them `from` hours after the start. */
function append(spool: Spool, from: number, count: number): void {
  const hours = Array.from({ length: count }, (_, index) => from + index);
  const documents = hours.map((hour) => {
    const time = new Date(timeMs + hour * 3_600_000).toISOString();
    const outcome = hour % 2 === 0 ? "success" : "failure";
    const event = { action: "executed", outcome, sequence: hour };
    return `${JSON.stringify({ "@timestamp": time, event, user: { name: "\u202ealice" } })}\n`;
  });
  const timeRange = {
    firstMs: timeMs + from * 3_600_000,
    lastMs: timeMs + (from + count - 1) * 3_600_000,
  };
  spool.append({
    documents: Buffer.from(documents.join("")),
    count,
    note: Buffer.alloc(0),
    timeRange,
  });
}

function sequencesOf(stdout: string): readonly number[] {
  return stdout.split("\n").flatMap((line) => {
    const sequence = /"sequence":(?<number>\d+)/.exec(line)?.groups?.number;
    return sequence === undefined ? [] : [Number(sequence)];
  });
}

test("linuxguard events shows what is in the spool, by filter, time and number", () => {
  const spool = openSpool();
  append(spool, 0, 4);
  append(spool, 4, 4);
  const shown = (...args: readonly string[]) =>
    sequencesOf(run({ args: ["events", "--json", "-c", config, ...args] }).stdout);

  assert.deepEqual(shown(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(shown("event.outcome=failure", "event.sequence!=3"), [1, 5, 7]);
  assert.deepEqual(shown("--since=2026-11-23T08:00Z", "--until=2026-11-23T09:30Z"), [5, 6]);
  assert.deepEqual(shown("-n", "3"), [5, 6, 7]);
  assert.deepEqual(shown("-n", "2", "event.outcome=success"), [4, 6]);
  assert.deepEqual(shown("-n0"), []);
  spool.close();
});

test("linuxguard events renders lines, and colours only when asked to or on a terminal", () => {
  const spool = openSpool();
  append(spool, 0, 1);
  const shown = (when: string) =>
    run({ args: ["events", "-c", config, `--color=${when}`], environment: { FORCE_COLOR: "1" } })
      .stdout;

  const plain = "2026-11-23 03:19:20.411Z executed \\u{202e}alice success\n";
  assert.equal(shown("never"), plain);
  assert.equal(shown("auto"), plain);
  assert.ok(shown("always").includes("\u001b[32mexecuted"));
  spool.close();
});

test("linuxguard events colours on a terminal unless NO_COLOR is set", () => {
  const spool = openSpool();
  append(spool, 0, 1);
  const command = [process.execPath, "src/main.ts", "events", "-c", config].join(" ");
  const onTerminal = (environment: NodeJS.ProcessEnv) =>
    spawnSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8", env: environment })
      .stdout;

  const colored = onTerminal({ TERM: "xterm", PATH: process.env.PATH });
  const plain = onTerminal({ TERM: "xterm", PATH: process.env.PATH, NO_COLOR: "1" });

  assert.ok(colored.includes("\u001b[32msuccess"));
  assert.match(plain, /^2026-11-23 03:19/);
  spool.close();
});

test("linuxguard events --follow shows the last events and then those that come", async () => {
  const spool = openSpool();
  append(spool, 0, 12);
  const args = ["src/main.ts", "events", "-f", "--json", "-c", config];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const seen: number[] = [];

  for await (const line of createInterface(child.stdout)) {
    seen.push(...sequencesOf(line));
    if (seen.length === 10) append(spool, 12, 2);
    if (seen.length === 12) break;
  }

  child.kill();
  await once(child, "close");
  assert.deepEqual(seen, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  spool.close();
});

test("linuxguard ends without a word when its reader goes away", () => {
  const spool = openSpool();
  for (let batch = 0; batch < 20; batch++) append(spool, batch * 1_000, 1_000);
  spool.close();
  const script = '"$0" src/main.ts events -c "$1" | head -n 1; echo $PIPESTATUS';

  const { stdout, stderr } = spawnSync("bash", ["-c", script, process.execPath, config], {
    encoding: "utf8",
  });

  assert.match(stdout, /^2026-11-23 .*\n141\n$/);
  assert.equal(stderr, "");
});

const failures: readonly (readonly [args: readonly string[], status: number, stderr: string])[] = [
  [
    ["evnts"],
    64,
    'linuxguard: Cannot find command: current value is "evnts". Did you mean "events"?\n',
  ],
  [
    ["config", "chekc"],
    64,
    'linuxguard: Cannot find command: current value is "chekc". Did you mean "check"?\n',
  ],
  [
    ["events", "--folow"],
    64,
    'linuxguard: Cannot find option: current value is "--folow". Did you mean "--follow"?\n',
  ],
  [
    ["events", "-x"],
    64,
    'linuxguard: Cannot find option: current value is "-x". See linuxguard events --help.\n',
  ],
  [
    ["events", "--since"],
    64,
    "linuxguard: Cannot read option --since: it needs a value. Write --since=TIME.\n",
  ],
  [
    ["events", "--since=soon"],
    64,
    'linuxguard: Cannot read option --since: current value is "soon". Give a time such as 10m, today or 2026-11-23T03:19.\n',
  ],
  [
    ["events", "-n", "-5"],
    64,
    "linuxguard: Cannot read option --lines: it needs a value. Write --lines=COUNT.\n",
  ],
  [
    ["events", "--color=red"],
    64,
    'linuxguard: Cannot read option --color: current value is "red". Give auto, always, never.\n',
  ],
  [
    ["events", "--json=yes"],
    64,
    'linuxguard: Cannot give option --json a value: current value is "yes". See linuxguard events --help.\n',
  ],
  [
    ["events", "what\u001b[2J"],
    64,
    'linuxguard: Cannot read filter: current value is "what\\x1b[2J". Give FIELD=VALUE or FIELD!=VALUE, such as event.action=executed.\n',
  ],
  [
    ["version", "now"],
    64,
    'linuxguard: Cannot read argument: current value is "now". See linuxguard version --help.\n',
  ],
  [
    ["config", "list", "-c", "/nowhere"],
    78,
    'linuxguard: Cannot read /nowhere: current value of the error is "ENOENT"\nlinuxguard: Name a file that is there.\n',
  ],
];

for (const [args, status, stderr] of failures) {
  test(`linuxguard ${args.join(" ").replace("\u001b", "ESC")} tells what is wrong and ends with ${status}`, () => {
    assert.deepEqual(run({ args }), { status, stdout: "", stderr });
  });
}

test("linuxguard events tells that there is no spool", () => {
  const { status, stderr } = run({ args: ["events", "-c", config] });

  assert.equal(status, 73);
  assert.match(stderr, /^linuxguard: Cannot read spool .*"ENOENT"\nlinuxguard: There is no such/);
});

test("linuxguard config check tells all mistakes and ends with 78", () => {
  writeFileSync(config, "[log]\nlevel = loud\n[spol]\n");

  const { status, stdout } = run({ args: ["config", "check", "-c", config] });

  assert.equal(status, 78);
  assert.deepEqual(
    stdout.split("\n").map((line) => line.replace(config, "f").slice(0, 10)),
    ["f:2: Canno", "f:3: Canno", ""],
  );
});

test("linuxguard config list tells each setting with its place", () => {
  const { stdout } = run({ args: ["config", "list", "-c", config] });

  const lines = stdout.split("\n");
  assert.ok(lines.includes(`spool.directory = ${join(directory, "spool")}\t# ${config}:2`));
  assert.ok(lines.includes("log.level = info\t# default"));
});

test("linuxguard is the agent when its name says so", () => {
  const names = ["/usr/bin/linuxguard-agent", "linuxguard", "node"];

  const shown = names.map((argv0) => run({ args: ["version"], argv0 }).stdout);
  const inDevelopment = run({ args: ["agent", "--version"] }).stdout;

  assert.deepEqual(
    [...shown, inDevelopment],
    ["linuxguard-agent", "linuxguard", "linuxguard", "linuxguard-agent"].map(
      (name) => `${name} ${version}\n`,
    ),
  );
});

test("version is that of package.json", () => {
  const metadata = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };

  assert.equal(version, metadata.version);
});

test("every command shows its help within 80 columns, by option and by command", () => {
  const programs = [linuxguard, createAgentProgram(() => 0)];
  assert.ok(programs.flatMap((program) => listCommands(program)).length > 8);

  for (const { path } of listCommands(linuxguard)) {
    const words = path.slice(1);
    const byOption = run({ args: [...words, "--help"] });
    const byCommand = run({ args: ["help", ...words] });
    assert.equal(byOption.status, 0);
    assert.equal(byCommand.stdout, byOption.stdout);
    assert.ok(byOption.stdout.startsWith(`Usage: ${path.join(" ")} `));
    assert.ok(byOption.stdout.split("\n").every((line) => line.length <= 80));
  }
});
